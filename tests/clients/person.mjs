// A person at a browser without a script: goes where links and redirects lead and fills the forms on the way.

const FORM = /<form\b([^>]*)>([\s\S]*?)<\/form>/gi;
const FIELD = /<(input|button)\b([^>]*)>([^<]*)/gi;
const REFUSES = /\b(cancel|deny|not?|reject|stay|another|different|back)\b/i;
const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

const text = (html) => html.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => ENTITIES[name]);

function attributes(tag) {
  const found = {};
  for (const [, name, , quoted, bare] of tag.matchAll(/([\w:-]+)(=(?:"([^"]*)"|([^\s"'>]+)))?/g)) found[name] = text(quoted ?? bare ?? '');
  return found;
}

export class Person {
  constructor({ email, password }) {
    Object.assign(this, { email, password, cookies: new Map() });
  }

  // Until an address begins like one of `stops`, or a page asks nothing. Gives that address, or the page as text.
  async go(url, stops) {
    let form;
    for (let step = 0; step < 30; step += 1) {
      if (!form && stops.some((stop) => String(url).startsWith(stop))) return { url: new URL(url) };
      const cookie = [...this.cookies].map((pair) => pair.join('=')).join('; ');
      const headers = { cookie, accept: 'text/html', ...(form && { origin: new URL(url).origin, 'sec-fetch-site': 'same-origin' }) };
      const answer = await fetch(url, { method: form ? 'POST' : 'GET', body: form, headers, redirect: 'manual', signal: AbortSignal.timeout(20_000) });
      for (const line of answer.headers.getSetCookie()) {
        const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
        if (/max-age=0|expires=[^;]* 1970 /i.test(line)) this.cookies.delete(name);
        else this.cookies.set(name, value);
      }
      if (answer.headers.has('location')) {
        [url, form] = [new URL(answer.headers.get('location'), url), undefined];
        continue;
      }
      // A page that goes on by itself: it ends what the policy of a form's page says about redirects.
      const onward = answer.headers.get('refresh')?.match(/^0; url=(.*)$/)?.[1];
      if (onward) {
        [url, form] = [new URL(onward, url), undefined];
        continue;
      }
      const page = await answer.text();
      const next = answer.ok && this.fill(page, url);
      if (!next) return { page, status: answer.status };
      [url, form] = next;
    }
    throw new Error('the journey does not end');
  }

  // Where the form of a page goes, and what is in it.
  fill(page, base) {
    const forms = [...page.matchAll(FORM)].map(([, head, body]) => [attributes(head), body]).filter(([head]) => head.method?.toLowerCase() === 'post');
    const asks = (words) => forms.find(([, inside]) => words.test(inside));
    const [head, body] = asks(/type="?password/) ?? asks(/type="?email/) ?? forms.find(([, inside]) => !REFUSES.test(inside)) ?? forms[0] ?? [];
    if (!head) return undefined;
    // A button may stand outside of its form.
    const outside = [...page.matchAll(FIELD)].filter(([tag]) => head.id && tag.includes(`form="${head.id}"`));
    const values = new URLSearchParams();
    let pressed = false;
    for (const [, tag, rest, says] of [...body.matchAll(FIELD), ...outside]) {
      const { type = tag === 'button' ? 'submit' : 'text', name, value = '', autocomplete = '', ...more } = attributes(rest);
      if (type === 'submit') {
        if (pressed || REFUSES.test(`${says} ${value}`)) continue;
        pressed = true;
      }
      if (!name || (/^(checkbox|radio)$/.test(type) && !('checked' in more))) continue;
      const login = type === 'email' || autocomplete.includes('username') || name === 'login';
      values.append(name, type === 'password' ? this.password : login && type !== 'hidden' ? this.email : value);
    }
    return [new URL(head.action ?? '', base), values];
  }
}
