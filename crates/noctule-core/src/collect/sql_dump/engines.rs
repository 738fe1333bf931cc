//! What the tables of forum engines look like: found by their sets of columns, because prefixes differ.

/// What a column holds for us, and its slot in a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Slot {
    Id,
    Thread,
    AuthorId,
    AuthorName,
    Date,
    Edited,
    Text,
    Subject,
    ReplyTo,
    /// A number that says whether the row can be seen; see [`Table::visible`].
    Visible,
}

pub(super) const SLOTS: usize = 10;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    Posts,
    /// Id, thread's title in `Subject`.
    Threads,
    /// Id, name in `AuthorName`.
    Users,
}

/// How the body of a post is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Markup {
    BbCode,
    Html,
    Plain,
}

/// One table of one engine.
pub(super) struct Table {
    pub engine: &'static str,
    pub role: Role,
    /// Columns by which it is known; all must be there. The rest of the list is taken where it is.
    pub known_by: &'static [&'static str],
    pub columns: &'static [(&'static str, Slot)],
    pub markup: Markup,
    /// Values of `Visible` that mean the post can be seen; empty when there is no such column.
    pub visible: &'static [&'static str],
}

use Role::{Posts, Threads, Users};
use Slot::{AuthorId, AuthorName, Date, Edited, Id, ReplyTo, Subject, Text, Thread, Visible};

/// A table that names what posts refer to: no body, and nothing hidden in it.
const fn names(
    engine: &'static str,
    role: Role,
    known_by: &'static [&'static str],
    columns: &'static [(&'static str, Slot)],
) -> Table {
    Table { engine, role, known_by, columns, markup: Markup::Plain, visible: &[] }
}

/// More special sets first: the first whose columns are all there is taken.
pub(super) static TABLES: &[Table] = &[
    Table {
        engine: "MyBB",
        role: Posts,
        known_by: &["pid", "tid", "uid", "dateline", "message", "replyto"],
        columns: &[
            ("pid", Id),
            ("tid", Thread),
            ("uid", AuthorId),
            ("username", AuthorName),
            ("dateline", Date),
            ("edittime", Edited),
            ("message", Text),
            ("subject", Subject),
            ("replyto", ReplyTo),
            ("visible", Visible),
        ],
        markup: Markup::BbCode,
        visible: &["1"],
    },
    names("MyBB", Threads, &["tid", "fid", "subject", "firstpost", "lastpost"], &[("tid", Id), ("subject", Subject)]),
    names(
        "MyBB",
        Users,
        &["uid", "username", "usergroup", "regdate", "loginkey"],
        &[("uid", Id), ("username", AuthorName)],
    ),
    Table {
        engine: "XenForo",
        role: Posts,
        known_by: &["post_id", "thread_id", "user_id", "post_date", "message", "message_state"],
        columns: &[
            ("post_id", Id),
            ("thread_id", Thread),
            ("user_id", AuthorId),
            ("username", AuthorName),
            ("post_date", Date),
            ("last_edit_date", Edited),
            ("message", Text),
            ("message_state", Visible),
        ],
        markup: Markup::BbCode,
        visible: &["visible"],
    },
    Table {
        engine: "XenForo",
        role: Posts,
        known_by: &["post_id", "thread_id", "user_id", "post_date", "message"],
        columns: &[
            ("post_id", Id),
            ("thread_id", Thread),
            ("user_id", AuthorId),
            ("username", AuthorName),
            ("post_date", Date),
            ("last_edit_date", Edited),
            ("message", Text),
        ],
        markup: Markup::BbCode,
        visible: &[],
    },
    names(
        "XenForo",
        Threads,
        &["thread_id", "node_id", "title", "first_post_id"],
        &[("thread_id", Id), ("title", Subject)],
    ),
    names(
        "XenForo",
        Users,
        &["user_id", "username", "message_count", "register_date"],
        &[("user_id", Id), ("username", AuthorName)],
    ),
    Table {
        engine: "phpBB",
        role: Posts,
        known_by: &["post_id", "topic_id", "poster_id", "post_time", "post_text"],
        columns: &[
            ("post_id", Id),
            ("topic_id", Thread),
            ("poster_id", AuthorId),
            ("post_username", AuthorName),
            ("post_time", Date),
            ("post_edit_time", Edited),
            ("post_text", Text),
            ("post_subject", Subject),
            ("post_visibility", Visible),
        ],
        markup: Markup::BbCode,
        visible: &["1"],
    },
    names(
        "phpBB",
        Threads,
        &["topic_id", "forum_id", "topic_title", "topic_first_post_id"],
        &[("topic_id", Id), ("topic_title", Subject)],
    ),
    names(
        "phpBB",
        Users,
        &["user_id", "username", "username_clean", "user_regdate"],
        &[("user_id", Id), ("username", AuthorName)],
    ),
    Table {
        engine: "vBulletin",
        role: Posts,
        known_by: &["postid", "threadid", "userid", "dateline", "pagetext"],
        columns: &[
            ("postid", Id),
            ("threadid", Thread),
            ("userid", AuthorId),
            ("username", AuthorName),
            ("dateline", Date),
            ("pagetext", Text),
            ("title", Subject),
            ("parentid", ReplyTo),
            ("visible", Visible),
        ],
        markup: Markup::BbCode,
        visible: &["1"],
    },
    names(
        "vBulletin",
        Threads,
        &["threadid", "title", "firstpostid", "forumid"],
        &[("threadid", Id), ("title", Subject)],
    ),
    names(
        "vBulletin",
        Users,
        &["userid", "username", "usergroupid", "joindate"],
        &[("userid", Id), ("username", AuthorName)],
    ),
    Table {
        engine: "SMF",
        role: Posts,
        known_by: &["id_msg", "id_topic", "poster_time", "id_member", "body"],
        columns: &[
            ("id_msg", Id),
            ("id_topic", Thread),
            ("id_member", AuthorId),
            ("poster_name", AuthorName),
            ("poster_time", Date),
            ("modified_time", Edited),
            ("body", Text),
            ("subject", Subject),
            ("approved", Visible),
        ],
        markup: Markup::BbCode,
        visible: &["1"],
    },
    Table {
        engine: "Invision",
        role: Posts,
        known_by: &["pid", "author_id", "author_name", "post_date", "post", "topic_id"],
        columns: &[
            ("pid", Id),
            ("topic_id", Thread),
            ("author_id", AuthorId),
            ("author_name", AuthorName),
            ("post_date", Date),
            ("edit_time", Edited),
            ("post", Text),
            ("queued", Visible),
        ],
        markup: Markup::Html,
        visible: &["0"],
    },
    names("Invision", Threads, &["tid", "title", "starter_id", "start_date"], &[("tid", Id), ("title", Subject)]),
    names(
        "Invision",
        Users,
        &["member_id", "name", "member_group_id", "joined"],
        &[("member_id", Id), ("name", AuthorName)],
    ),
    Table {
        engine: "CrimeBB",
        role: Posts,
        known_by: &["idpost", "author", "thread", "timestamp", "content", "site"],
        columns: &[
            ("idpost", Id),
            ("thread", Thread),
            ("author", AuthorId),
            ("timestamp", Date),
            ("content", Text),
            ("citedpost", ReplyTo),
        ],
        markup: Markup::Plain,
        visible: &[],
    },
    names("CrimeBB", Threads, &["idthread", "heading", "site"], &[("idthread", Id), ("heading", Subject)]),
    names("CrimeBB", Users, &["idmember", "username", "site"], &[("idmember", Id), ("username", AuthorName)]),
];

/// The table with these columns, and for each column the slot it fills.
pub(super) fn find(columns: &[String]) -> Option<(&'static Table, Vec<Option<u8>>)> {
    let lower: Vec<String> = columns.iter().map(|name| name.to_ascii_lowercase()).collect();
    let table =
        TABLES.iter().find(|table| table.known_by.iter().all(|name| lower.iter().any(|other| other == name)))?;
    let slot = |name: &String| table.columns.iter().find(|(other, _)| other == name).map(|(_, slot)| *slot as u8);
    Some((table, lower.iter().map(slot).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_engine_reads_a_secret() {
        for table in TABLES {
            for (name, _) in table.columns {
                let secret = ["pass", "salt", "mail", "ip", "loginkey", "secret", "token", "hash", "phone"];
                let found =
                    secret.iter().find(|word| name.split('_').any(|part| part == **word || part.ends_with("address")));
                assert_eq!(found, None, "{} reads {name}", table.engine);
            }
            assert!(table.columns.iter().any(|(_, slot)| *slot == Id), "{}", table.engine);
        }
    }
}
