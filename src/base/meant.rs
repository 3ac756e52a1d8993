//! What somebody means by a name, a short name or an id that they type.

/// How many of what is close to it a message names.
pub const CLOSE: usize = 5;

/// What is meant by a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant<T> {
    /// This one: by its id, its short name, or a name that no other has.
    One(T),
    /// Several have this name: up to [`CLOSE`] of them.
    Several(Vec<T>),
    /// None: what is close to it, up to [`CLOSE`].
    Unknown(Vec<T>),
}

impl<T> Meant<T> {
    /// From what a search found: those that are called just so, or what is close to it.
    pub fn of(found: Vec<T>, is_called: impl Fn(&T) -> bool) -> Self {
        let (mut called, mut close): (Vec<T>, Vec<T>) = found.into_iter().partition(is_called);
        match (called.len(), called.pop()) {
            (1, Some(one)) => Self::One(one),
            (_, Some(last)) => {
                called.push(last);
                called.truncate(CLOSE);
                Self::Several(called)
            }
            (_, None) => {
                close.truncate(CLOSE);
                Self::Unknown(close)
            }
        }
    }

    /// The one; otherwise what is wrong with the text, behind the name of its field. `what` is one of them in a word, `name`
    /// tells it from the others.
    ///
    /// # Errors
    /// A rule with what is close to it.
    pub fn only(self, what: &str, name: impl Fn(&T) -> String) -> Result<T, String> {
        let names = |all: &[T]| all.iter().map(&name).collect::<Vec<_>>().join(", ");
        match self {
            Self::One(one) => Ok(one),
            Self::Several(all) => Err(format!("is what several are called: {}. Type which one", names(&all))),
            Self::Unknown(close) if close.is_empty() => Err(format!("is no {what} that you reach")),
            Self::Unknown(close) => Err(format!("is no {what} that you reach. Close to it: {}", names(&close))),
        }
    }
}

/// The fronts of a text, the longest first, down to two characters: what to search for when nothing is called so.
pub fn fronts(text: &str) -> impl Iterator<Item = &str> {
    let text = text.trim();
    let mut ends: Vec<usize> = text.char_indices().map(|(at, _)| at).skip(2).chain([text.len()]).collect();
    ends.reverse();
    ends.into_iter().map(move |end| text.get(..end).unwrap_or_default().trim_end()).filter(|front| !front.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_meant_or_the_message_says_what_is_close() {
        let meant = |found: &[&'static str], text: &str| Meant::of(found.to_vec(), |name| *name == text);
        let rule = |meant: Meant<&str>| meant.only("tenant", |name| format!("{name} (x)")).map(str::to_owned);
        assert_eq!(rule(meant(&["Acme", "Acme Two"], "Acme")), Ok("Acme".to_owned()));
        assert_eq!(
            rule(meant(&["Acme", "Acme"], "Acme")).unwrap_err(),
            "is what several are called: Acme (x), Acme (x). Type which one"
        );
        assert_eq!(
            rule(meant(&["Acme Two"], "Acme")).unwrap_err(),
            "is no tenant that you reach. Close to it: Acme Two (x)"
        );
        assert_eq!(rule(meant(&[], "Acme")).unwrap_err(), "is no tenant that you reach");
        assert_eq!(meant(&["a"; 9], "a"), Meant::Several(vec!["a"; CLOSE]));
        assert_eq!(meant(&["a"; 9], "b"), Meant::Unknown(vec!["a"; CLOSE]));
    }

    #[test]
    fn the_fronts_of_a_text_end_at_two_characters() {
        assert_eq!(fronts(" Ä b c ").collect::<Vec<_>>(), ["Ä b c", "Ä b", "Ä b", "Ä"]);
        assert_eq!(fronts("a").collect::<Vec<_>>(), ["a"]);
        assert_eq!(fronts("  ").count(), 0);
    }
}
