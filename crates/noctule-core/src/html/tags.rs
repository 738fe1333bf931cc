//! The elements whose names matter, and what matters about them.

macro_rules! tags {
    ($($variant:ident $name:literal,)*) => {
        /// An element's name. Everything else is [`Tag::Other`], known by its written name only.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u8)]
        pub enum Tag { $($variant,)* Other, Text, Root }

        impl Tag {
            fn of_lower(name: &[u8]) -> Self {
                $(if name == $name { return Self::$variant; })*
                Self::Other
            }
        }
    };
}

#[rustfmt::skip]
tags! {
    A b"a", Abbr b"abbr", Address b"address", Area b"area", Article b"article", Aside b"aside", Audio b"audio",
    B b"b", Base b"base", Blockquote b"blockquote", Body b"body", Br b"br", Button b"button", Canvas b"canvas",
    Caption b"caption", Center b"center", Cite b"cite", Code b"code", Col b"col", Colgroup b"colgroup", Dd b"dd",
    Del b"del", Details b"details", Div b"div", Dl b"dl", Dt b"dt", Em b"em", Embed b"embed", Fieldset b"fieldset",
    Figcaption b"figcaption", Figure b"figure", Font b"font", Footer b"footer", Form b"form", Frame b"frame",
    H1 b"h1", H2 b"h2", H3 b"h3", H4 b"h4", H5 b"h5", H6 b"h6", Head b"head", Header b"header", Hr b"hr",
    Html b"html", I b"i", Iframe b"iframe", Img b"img", Input b"input", Ins b"ins", Label b"label",
    Legend b"legend", Li b"li", Link b"link", Main b"main", Map b"map", Math b"math", Menu b"menu", Meta b"meta",
    Nav b"nav", Noembed b"noembed", Noframes b"noframes", Noscript b"noscript", Object b"object", Ol b"ol",
    Optgroup b"optgroup", Option b"option", P b"p", Param b"param", Picture b"picture", Pre b"pre", Q b"q", S b"s",
    Script b"script", Section b"section", Select b"select", Small b"small", Source b"source", Span b"span",
    Strike b"strike", Strong b"strong", Style b"style", Sub b"sub", Summary b"summary", Sup b"sup", Svg b"svg",
    Table b"table", Tbody b"tbody", Td b"td", Template b"template", Textarea b"textarea", Tfoot b"tfoot", Th b"th",
    Thead b"thead", Time b"time", Title b"title", Tr b"tr", Track b"track", Tt b"tt", U b"u", Ul b"ul",
    Video b"video", Wbr b"wbr", Xmp b"xmp",
}

/// How many tags there are, for tables by tag.
pub(super) const TAGS: usize = Tag::Root as usize + 1;

impl Tag {
    /// By name, in any case.
    pub fn of(name: &str) -> Self {
        let mut lower = [0; 12];
        let Some(lower) = lower.get_mut(..name.len()) else {
            return Self::Other;
        };
        lower.copy_from_slice(name.as_bytes());
        lower.make_ascii_lowercase();
        Self::of_lower(lower)
    }

    /// Has no content and no end tag.
    pub(super) fn is_void(self) -> bool {
        use Tag::{Area, Base, Br, Col, Embed, Frame, Hr, Img, Input, Link, Meta, Param, Source, Track, Wbr};
        matches!(
            self,
            Area | Base | Br | Col | Embed | Frame | Hr | Img | Input | Link | Meta | Param | Source | Track | Wbr
        )
    }

    /// Its content is text up to its own end tag, whatever it looks like.
    pub(super) fn is_raw_text(self) -> bool {
        use Tag::{Iframe, Noembed, Noframes, Script, Style, Textarea, Title, Xmp};
        matches!(self, Iframe | Noembed | Noframes | Script | Style | Textarea | Title | Xmp)
    }

    /// Starts and ends lines.
    pub(super) fn is_block(self) -> bool {
        use Tag::{
            Address, Article, Aside, Blockquote, Body, Caption, Center, Dd, Details, Div, Dl, Dt, Fieldset, Figcaption,
            Figure, Footer, Form, H1, H2, H3, H4, H5, H6, Header, Hr, Legend, Li, Main, Menu, Nav, Ol, P, Pre, Section,
            Summary, Table, Tbody, Tfoot, Thead, Tr, Ul, Xmp,
        };
        matches!(
            self,
            Address
                | Article
                | Aside
                | Blockquote
                | Body
                | Caption
                | Center
                | Dd
                | Details
                | Div
                | Dl
                | Dt
                | Fieldset
                | Figcaption
                | Figure
                | Footer
                | Form
                | H1
                | H2
                | H3
                | H4
                | H5
                | H6
                | Header
                | Hr
                | Legend
                | Li
                | Main
                | Menu
                | Nav
                | Ol
                | P
                | Pre
                | Section
                | Summary
                | Table
                | Tbody
                | Tfoot
                | Thead
                | Tr
                | Ul
                | Xmp
        )
    }

    pub(super) fn is_heading(self) -> bool {
        matches!(self, Self::H1 | Self::H2 | Self::H3 | Self::H4 | Self::H5 | Self::H6)
    }

    /// An end tag of an inline element does not reach through this one.
    pub(super) fn is_special(self) -> bool {
        self.is_block()
            || matches!(
                self,
                Self::Td | Self::Th | Self::Html | Self::Head | Self::Button | Self::Template | Self::Root
            )
    }

    /// No end tag from inside reaches through this one but its own and its ancestors' in a table.
    pub(super) fn is_scope(self) -> bool {
        matches!(
            self,
            Self::Td | Self::Th | Self::Caption | Self::Table | Self::Html | Self::Template | Self::Object | Self::Root
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_case() {
        assert_eq!(Tag::of("BLOCKQUOTE"), Tag::Blockquote);
        assert_eq!(Tag::of("a"), Tag::A);
        assert_eq!(Tag::of("blockquotes"), Tag::Other);
        assert_eq!(Tag::of("a-name-longer-than-all"), Tag::Other);
    }
}
