//! The page of one thing: the way to it, its name and state, what is known of it, and at the end what is dangerous.

use super::{Crumb, Facts, Tone, card, card_with, crumbs, fence, head_with, notice};
use maud::{Markup, Render, html};

/// The page of one thing. Cards stand in the order in which they are given; the danger zone is always the last.
#[derive(Debug)]
pub struct Detail {
    way: Markup,
    title: String,
    lead: String,
    badges: Markup,
    actions: Markup,
    parts: Vec<Markup>,
    dangers: Vec<Markup>,
}

impl Detail {
    /// The page of something in the list that `way` ends in.
    pub fn of(list: Crumb, title: &str) -> Self {
        Self::at(&[list, Crumb::here(title)], title)
    }

    /// The page of something at the end of a longer way.
    pub fn at(way: &[Crumb], title: &str) -> Self {
        Self {
            way: crumbs(way),
            title: title.to_owned(),
            lead: String::new(),
            badges: html! {},
            actions: html! {},
            parts: Vec::new(),
            dangers: Vec::new(),
        }
    }

    /// With a sentence under the title.
    #[must_use]
    pub fn lead(mut self, lead: &str) -> Self {
        lead.clone_into(&mut self.lead);
        self
    }

    /// With its state beside the title.
    #[must_use]
    pub fn badges(mut self, badges: Markup) -> Self {
        self.badges = badges;
        self
    }

    /// With what can be done with it, beside the title.
    #[must_use]
    pub fn actions(mut self, actions: Markup) -> Self {
        self.actions = actions;
        self
    }

    /// With something to know before all else, if there is.
    #[must_use]
    pub fn notice_if(self, is_so: bool, tone: Tone, words: &str) -> Self {
        if is_so { self.part(notice(tone, &html! { p { (words) } })) } else { self }
    }

    /// With a card of names and values.
    #[must_use]
    pub fn facts(self, title: &str, facts: &Facts) -> Self {
        self.card(title, &facts.render())
    }

    /// With a card.
    #[must_use]
    pub fn card(self, title: &str, body: &Markup) -> Self {
        self.part(card(title, body))
    }

    /// With a card that has a sentence under its heading, and actions beside it.
    #[must_use]
    pub fn card_with(self, title: &str, lead: &str, actions: &Markup, body: &Markup) -> Self {
        self.part(card_with(title, lead, actions, body))
    }

    /// With something that is no card; nothing for empty markup.
    #[must_use]
    pub fn part(mut self, part: Markup) -> Self {
        self.parts.extend((!part.0.is_empty()).then_some(part));
        self
    }

    /// With something dangerous: what it is, what is lost, and the way to it.
    #[must_use]
    pub fn danger(mut self, title: &str, what: &str, action: &Markup) -> Self {
        self.dangers.push(fence(title, what, action));
        self
    }
}

impl Render for Detail {
    fn render(&self) -> Markup {
        html! {
            (self.way)
            (head_with(&self.title, &self.lead, &self.badges, &self.actions))
            @for part in &self.parts { (part) }
            @if !self.dangers.is_empty() {
                section.card.danger {
                    header { h2 { "Danger zone" } }
                    @for danger in &self.dangers { (danger) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_danger_zone_is_the_last_and_only_where_there_is_danger() {
        let detail = || Detail::of(Crumb::to("Users", "/users"), "Sam").facts("About", &Facts::new().fact("Id", "7"));
        let safe = detail().part(html! {}).render().into_string();
        assert!(safe.contains("<h1>Sam</h1>") && !safe.contains("Danger zone"), "{safe}");
        let page =
            detail().danger("Delete", "Gone for good.", &html! {}).card("Groups", &html! {}).render().into_string();
        assert!(page.find("Groups") < page.find("Danger zone") && page.contains("Gone for good."), "{page}");
    }
}
