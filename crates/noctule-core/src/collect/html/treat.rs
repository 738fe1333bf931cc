//! Which elements inside of a post are quotes, hidden, or not the author's at all: the same for nearly all engines.

use crate::html::{Document, NodeId, Tag, Treat};

/// Classes of what is not text: signatures, edit notes, headings of code boxes, buttons.
#[rustfmt::skip]
const DROPPED: &[&str] = &[
    // XenForo
    "message-signature", "js-extraPhrases", "bbCodeBlock-expandLink", "bbCodeBlock-shrinkLink", "quoteExpand", "messageTextEndMarker",
    "message-lastEdit", "editDate", "likesSummary", "baseHtml-signature", "bbCodeSpoiler-button",
    // phpBB, MyBB, SMF
    "signature", "notice", "attachbox", "post_edit", "edited_post", "modified", "codeheader", "signature_wrap", "post-signature",
    // vBulletin
    "lastedited", "signaturecontainer", "bbcode_description", "b-post__edit", "after_content", "postcontent-edit",
    // Discourse, NodeBB, Flarum
    "cooked-selection-barrier", "quote-controls", "onebox-metadata", "post-edit-info", "Post-footer",
    "sr-only", "visually-hidden",
];

/// Classes of boxes whose content the reader had to earn.
const HIDING: &[&str] = &[
    "hidebb",
    "bbCodeBlock--hide",
    "bbCodeBlock--hidden",
    "bbCodeHide",
    "messageHide",
    "hidden-content",
    "hiddencontent",
    "hide-content",
    "hidden_content",
    "hide_content",
    "ipsHiddenContent",
    "locked-content",
    "unlock-content",
    "need_reply",
];

/// How boards say that something is hidden, in lower case.
const HIDDEN_WORDS: &[&str] = &[
    "you must",
    "you need to",
    "you have to",
    "log in to",
    "login to",
    "register to",
    "reply to see",
    "reply to view",
    "unlock for",
    "hidden content",
    "to see this content",
    "not allowed to view",
    "скрытое содержимое",
    "скрытый текст",
    "скрытый контент",
    "для просмотра",
    "чтобы увидеть",
    "вы должны",
    "нужно войти",
    "необходимо зарегистрироваться",
    "у вас недостаточно",
    "versteckter inhalt",
    "du musst",
];

/// `plain_quotes`: a block quote without a class quotes somebody, too (elsewhere it is an indent).
pub fn common(doc: &Document<'_>, node: NodeId, plain_quotes: bool) -> Treat {
    let tag = doc.tag(node);
    let Some(class) = doc.raw_attribute(node, "class") else {
        return if doc.raw_attribute(node, "data-role") == Some("memberSignature")
            || doc.raw_attribute(node, "data-excludequote").is_some()
            || tag == Tag::P && is_code_heading(doc, node)
        {
            Treat::Drop
        } else if tag == Tag::Blockquote && plain_quotes {
            Treat::Quote
        } else {
            Treat::Take
        };
    };
    let has = |wanted: &str| class.split_ascii_whitespace().any(|one| one == wanted);
    if tag == Tag::Blockquote {
        let quotes = class.contains("uote") || class.contains("uncited");
        return if quotes || plain_quotes && !HIDING.iter().any(|hiding| has(hiding)) {
            Treat::Quote
        } else {
            boxes(doc, node, class)
        };
    }
    if tag == Tag::Aside && has("quote")
        || [
            "quote_container",
            "bbcode_quote",
            "bbCodeQuote",
            "quoteheader",
            "topslice_quote",
            "bbc_standard_quote",
            "quotemessage",
        ]
        .iter()
        .any(|quote| has(quote))
        || matches!(tag, Tag::Div | Tag::Table | Tag::Fieldset) && has("quote")
    {
        return Treat::Quote;
    }
    boxes(doc, node, class)
}

fn boxes(doc: &Document<'_>, node: NodeId, class: &str) -> Treat {
    if doc.raw_attribute(node, "data-role") == Some("memberSignature")
        || doc.raw_attribute(node, "data-excludequote").is_some()
    {
        return Treat::Drop;
    }
    for one in class.split_ascii_whitespace() {
        if DROPPED.contains(&one) {
            return Treat::Drop;
        }
        if HIDING.contains(&one) && asks(doc, node) {
            return Treat::Hidden;
        }
        // The heading of a code box says "Code:"; that of a spoiler is the author's.
        let heading = matches!(one, "bbCodeBlock-title" | "title")
            && doc.parent(node).is_some_and(|parent| {
                doc.has_class(parent, "bbCodeBlock--code")
                    || doc.has_class(parent, "codeblock")
                    || doc.has_class(parent, "phpcodeblock")
            });
        if heading {
            return Treat::Drop;
        }
    }
    Treat::Take
}

/// phpBB: `<div class="codebox"><p>Code: <a>Select all</a></p><pre>`.
fn is_code_heading(doc: &Document<'_>, node: NodeId) -> bool {
    doc.parent(node).is_some_and(|parent| doc.has_class(parent, "codebox"))
}

/// Whether a hiding box shows only its notice. What was revealed to this reader is text like any other.
fn asks(doc: &Document<'_>, node: NodeId) -> bool {
    let line = doc.line(node).to_lowercase();
    line.chars().count() < 400 && (line.is_empty() || HIDDEN_WORDS.iter().any(|word| line.contains(word)))
}
