//! Whether a license expression can be satisfied with allowed licenses only.
//!
//! The grammar is that of SPDX 2.3, annex D: `OR` binds weaker than `AND`, `WITH` names an exception; `/` is how
//! Cargo wrote `OR` before.

/// The licenses chosen, `None` when no choice is allowed; `Err` when the expression cannot be read.
pub(crate) fn satisfied(expression: &str, allowed: &dyn Fn(&str) -> bool) -> Result<Option<Vec<String>>, String> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut parser = Parser { words: spaced.split_whitespace().collect(), at: 0, allowed };
    let choice = parser.any()?;
    match parser.words.get(parser.at) {
        None => Ok(choice),
        Some(word) => Err(format!("{word:?} is not expected")),
    }
}

struct Parser<'a> {
    words: Vec<&'a str>,
    at: usize,
    allowed: &'a dyn Fn(&str) -> bool,
}

impl Parser<'_> {
    fn accept(&mut self, word: &str) -> bool {
        let found = self.words.get(self.at) == Some(&word);
        self.at += usize::from(found);
        found
    }

    fn any(&mut self) -> Result<Option<Vec<String>>, String> {
        let mut choice = self.all()?;
        while self.accept("OR") {
            let other = self.all()?;
            choice = choice.or(other);
        }
        Ok(choice)
    }

    fn all(&mut self) -> Result<Option<Vec<String>>, String> {
        let mut choice = self.one()?;
        while self.accept("AND") {
            choice = match (choice, self.one()?) {
                (Some(mut left), Some(right)) => {
                    left.extend(right);
                    Some(left)
                }
                _ => None,
            };
        }
        Ok(choice)
    }

    fn one(&mut self) -> Result<Option<Vec<String>>, String> {
        if self.accept("(") {
            let choice = self.any()?;
            return if self.accept(")") { Ok(choice) } else { Err("a parenthesis is not closed".into()) };
        }
        let word = *self.words.get(self.at).ok_or("it ends in the middle")?;
        if matches!(word, "AND" | "OR" | "WITH" | ")") {
            return Err(format!("{word:?} is not expected"));
        }
        self.at += 1;
        let mut license = word.to_string();
        if self.accept("WITH") {
            let exception = *self.words.get(self.at).ok_or("it ends after WITH")?;
            self.at += 1;
            license = format!("{license} WITH {exception}");
        }
        Ok((self.allowed)(&license).then(|| vec![license]))
    }
}

#[cfg(test)]
mod tests {
    use super::satisfied;

    fn check(expression: &str) -> Option<Vec<String>> {
        let allowed = |word: &str| matches!(word, "MIT" | "ISC" | "Apache-2.0 WITH LLVM-exception");
        satisfied(expression, &allowed).expect("a valid expression")
    }

    #[test]
    fn one_allowed_choice_is_enough() {
        assert_eq!(check("GPL-3.0 OR MIT"), Some(vec!["MIT".into()]));
        assert_eq!(check("GPL-3.0/MIT"), Some(vec!["MIT".into()]));
        assert_eq!(check("GPL-3.0"), None);
    }

    #[test]
    fn all_of_a_conjunction_must_be_allowed() {
        assert!(check("MIT AND (ISC OR GPL-3.0)").is_some());
        assert_eq!(check("MIT AND GPL-3.0"), None);
        assert!(check("GPL-3.0 AND MIT OR ISC").is_some());
    }

    #[test]
    fn an_exception_belongs_to_its_license() {
        assert!(check("Apache-2.0 WITH LLVM-exception").is_some());
        assert_eq!(check("Apache-2.0"), None);
    }

    #[test]
    fn broken_expressions_are_errors() {
        for broken in ["", "MIT AND", "(MIT", "MIT ISC", "OR MIT", "MIT WITH"] {
            assert!(satisfied(broken, &|_| true).is_err(), "{broken:?}");
        }
    }
}
