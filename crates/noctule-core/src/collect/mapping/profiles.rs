//! Tables that are known by their set of columns, where guessing from names would go wrong.

use super::{Field, Sample, plain};
use crate::model::Medium;

/// One kind of table.
pub(in crate::collect) struct Profile {
    /// Named in the reason.
    pub name: &'static str,
    /// All of these must be there, as [`plain`] leaves them.
    known_by: &'static [&'static str],
    /// What they hold; of a field with several columns the first that is there.
    columns: &'static [(Field, &'static [&'static str])],
    /// What looks like something for us and is not.
    never: &'static [&'static str],
    pub medium: Medium,
    /// Put before the name of a source that is a bare number.
    pub source_prefix: &'static str,
}

/// More special sets first.
static PROFILES: &[Profile] = &[
    // The posts of the Cambridge Cybercrime Centre's CrimeBB, a column each of its PostgreSQL table.
    Profile {
        name: "posts of CrimeBB",
        known_by: &["idpost", "author", "thread", "timestamp", "content", "site"],
        columns: &[
            (Field::Text, &["content"]),
            (Field::Date, &["timestamp"]),
            (Field::Id, &["idpost"]),
            (Field::AuthorId, &["author"]),
            (Field::Source, &["site"]),
            (Field::ThreadId, &["thread"]),
            (Field::ReplyTo, &["citedpost"]),
        ],
        never: &["lastparse", "authornumposts", "authorreputation", "likes", "parsed"],
        medium: Medium::Forum,
        source_prefix: "CrimeBB site ",
    },
    // Its newer export.
    Profile {
        name: "posts of CrimeBB (newer export)",
        known_by: &["id", "creator", "creatorid", "creatornposts", "creatorreputation", "isareply"],
        columns: &[
            (Field::Text, &["content", "text", "body", "message"]),
            (Field::Date, &["createdon", "postedon", "creationdate", "timestamp", "date"]),
            (Field::Id, &["id"]),
            (Field::AuthorId, &["creatorid"]),
            (Field::AuthorName, &["creator"]),
            (Field::Source, &["site", "sitename", "forum"]),
            (Field::ThreadId, &["threadid", "thread"]),
            (Field::EditedAt, &["updatedon"]),
        ],
        never: &["dbcreatedon", "dbupdatedon", "creatornposts", "creatorreputation", "isareply"],
        medium: Medium::Forum,
        source_prefix: "CrimeBB site ",
    },
];

/// The profile of a table with these columns.
pub(super) fn find(sample: &Sample) -> Option<&'static Profile> {
    let names: Vec<String> = sample.columns.iter().map(|name| plain(name)).collect();
    PROFILES.iter().find(|profile| profile.known_by.iter().all(|wanted| names.iter().any(|name| name == wanted)))
}

impl Profile {
    /// The column for a field.
    pub(super) fn column(&self, field: Field, sample: &Sample) -> Option<usize> {
        let (_, wanted) = self.columns.iter().find(|(other, _)| *other == field)?;
        wanted.iter().find_map(|wanted| sample.columns.iter().position(|name| plain(name) == *wanted))
    }

    pub(super) fn never(&self, name: &str) -> bool {
        self.never.contains(&plain(name).as_str())
    }
}
