// A browser and what is asked of every page in it: nothing that axe-core finds, light and dark, nothing wider than the window or
// cut off inside it, nothing that the page's own policy refuses, and a focus that shows. With a folder for pictures, each page is
// kept in all sizes and two schemes.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const DESKTOP = { width: 1280, height: 800 };
const SIZES = {
  1280: DESKTOP,
  1920: { width: 1920, height: 1080 },
  1024: { width: 1024, height: 768 },
  768: { width: 768, height: 1024 },
  390: { width: 390, height: 844 },
  320: { width: 320, height: 568 },
};

// What of the page that is open is wider than its place, cut off, or lies under something else. Runs in the page.
function hidden_parts() {
  const wrong = [];
  const said = (at) => at.outerHTML.slice(0, 120);
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > innerWidth) wrong.push(`${scrollWidth} px wide in ${innerWidth}`);
  for (const at of document.body.querySelectorAll('*:not(input, select, textarea, svg, svg *)')) {
    // What only screen readers find is one pixel wide.
    if (at.clientWidth <= 1 || at.scrollWidth <= at.clientWidth) continue;
    const { overflowX, textOverflow } = getComputedStyle(at);
    if (!at.matches('.table') && !['hidden', 'clip'].includes(overflowX)) continue;
    // A name that is shortened is whole on hover.
    if (textOverflow === 'ellipsis' && at.title) continue;
    wrong.push(`${at.scrollWidth} px in ${at.clientWidth}: ${said(at)}`);
  }
  const last = [...document.querySelectorAll('nav .entries a')].at(-1);
  // A question lies over the whole page, and is meant to.
  if (last?.checkVisibility() && !document.querySelector('dialog[open]')) {
    last.scrollIntoView({ block: 'nearest' });
    const { left, top, width, height } = last.getBoundingClientRect();
    const shown = document.elementFromPoint(left + width / 2, top + height - 2);
    if (!last.contains(shown)) wrong.push(`${said(last)} lies under ${shown && said(shown)}`);
    document.querySelector('nav .entries').scrollTop = 0;
  }
  return wrong;
}

export class Eyes {
  // Where pictures go, if anywhere.
  constructor(pictures) {
    Object.assign(this, { pictures, seen: [], wrong: [] });
  }

  async open() {
    // Chromium refuses to run as root inside its own sandbox.
    const args = ['--no-sandbox', '--host-resolver-rules=MAP localhost 127.0.0.1'];
    this.browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args });
    this.context = await this.browser.newContext({ viewport: DESKTOP, reducedMotion: 'reduce' });
    this.page = await this.context.newPage();
    this.page.setDefaultTimeout(15_000);
    this.page.on('pageerror', (error) => this.wrong.push(`${this.page.url()}: ${error}`));
    this.page.on('console', (line) => {
      if (/content security policy/i.test(line.text())) this.wrong.push(`${this.page.url()}: ${line.text()}`);
    });
  }

  // Looks at the page that is open.
  async look(name) {
    if (this.seen.includes(name)) return;
    this.seen.push(name);
    // A click that leads elsewhere returns as soon as the browser has turned there, when there is nothing to measure yet.
    await this.page.waitForLoadState();
    for (const colorScheme of ['light', 'dark']) {
      await this.page.emulateMedia({ colorScheme });
      for (const [size, viewport] of Object.entries(SIZES)) {
        if (colorScheme === 'dark' && !this.pictures) break;
        await this.page.setViewportSize(viewport);
        if (colorScheme === 'light') await this.fits(`${name}, ${size}`);
        if (this.pictures) await this.page.screenshot({ path: join(this.pictures, `${name}-${size}-${colorScheme}.png`), fullPage: true });
      }
      await this.page.setViewportSize(DESKTOP);
      // Between light and dark only the colours differ.
      await this.accessible(`${name}, ${colorScheme}`, colorScheme === 'dark' ? { runOnly: ['color-contrast'] } : {});
    }
    await this.page.emulateMedia({ colorScheme: 'light' });
    await this.shows_focus(name);
  }

  // The key leads to something, and one sees to what.
  async shows_focus(name) {
    await this.page.keyboard.press('Tab');
    const focus = await this.page.evaluate(() => {
      const { activeElement: at, body } = document;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at);
      const shows = (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
      return at === body || shows ? null : at.outerHTML.slice(0, 160);
    });
    if (focus) this.wrong.push(`${name}: one does not see the focus at ${focus}`);
  }

  async fits(name) {
    for (const what of await this.page.evaluate(hidden_parts)) this.wrong.push(`${name}: ${what}`);
  }

  async accessible(name, options) {
    if (!(await this.page.evaluate(() => 'axe' in globalThis))) await this.page.evaluate(axe);
    const { violations } = await this.page.evaluate((what) => globalThis.axe.run(what), options);
    for (const { id, nodes } of violations) {
      this.wrong.push(`${name}: ${id}: ${nodes.map((node) => `${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`).slice(0, 3).join(' | ')}`);
    }
  }
}
