//! SQL clients: the statements they are given, by their first words.

use super::deed::Mark;
use super::run::Line;
use super::walk::{Arg, Flow, Shell};
use crate::model::{Risk, Verb};

impl Shell<'_> {
    /// `psql`, `mysql`, `sqlite3` and their like.
    pub(super) fn sql_client(&mut self, line: &Line<'_>, input: &Flow) -> Flow {
        let words: Vec<String> = line.positional.iter().map(|a| a.text.clone()).collect();
        let link =
            words.iter().chain(line.value(&["-d", "--dbname"]).map(str::to_owned).iter()).find(|w| w.contains("://")).and_then(|w| super::target::url(w));
        let (mut instance, mut database) = match link {
            Some((host, path)) => (host, path.trim_start_matches('/').to_owned()),
            None => {
                let named = line.value(&["-d", "--dbname", "-D", "--database"]).map(str::to_owned).or_else(|| words.first().cloned());
                (line.value(&["-h", "--host", "-S", "--server"]).unwrap_or("-").to_owned(), named.unwrap_or_else(|| "-".to_owned()))
            }
        };
        if matches!(line.name, "sqlite3" | "duckdb") {
            instance = "file".to_owned();
            database = words.first().map(|f| self.path(&Arg { text: f.clone(), known: true })).unwrap_or_default().trim_start_matches('/').replace('/', "%2F");
        }
        let place = format!("db:{instance}/{database}");
        let mut scripts: Vec<String> =
            line.values(&["-c", "--command", "-e", "--execute", "-q", "--query", "-Q", "--eval", "-cmd"]).map(str::to_owned).collect();
        if matches!(line.name, "sqlite3" | "duckdb" | "clickhouse-client") {
            scripts.extend(words.iter().skip(1).cloned());
        }
        for file in line.values(&["-f", "--file", "-i", "--input"]).map(|f| Arg { text: f.to_owned(), known: true }).collect::<Vec<_>>() {
            self.reads(&file);
            let path = self.path(&file);
            match self.files.content(&path) {
                Some(text) => scripts.push(text.to_owned()),
                None => self.deed.add_unknown(&format!("{} -f {}", line.name, file.text)),
            }
        }
        if scripts.is_empty() && input.some {
            match &input.text {
                Some(text) => scripts.push(text.clone()),
                None => self.deed.add_unknown(&format!("{} < …", line.name)),
            }
        }
        let known = line.options.iter().all(|(_, arg, _)| arg.known);
        let sure = self.sure;
        self.sure &= known;
        for script in &scripts {
            self.sql(&place, script);
        }
        self.sure = sure;
        if scripts.is_empty() && !input.some {
            self.deed.add(Verb::Read, place, self.sure);
        }
        Flow { some: true, ..Flow::default() }
    }

    /// `mongosh --eval`: what its calls do, by their names; `None` is never given, as what is typed into it is not known.
    pub(super) fn mongo(&mut self, line: &Line<'_>) -> Option<Flow> {
        let place = "db:-/mongo";
        let Some(code) = line.value(&["--eval"]) else {
            self.unknown_act(line.name, &line.args);
            return Some(Flow { some: true, ..Flow::default() });
        };
        let mut told = false;
        // An aggregation may end in writing.
        if ["$out", "$merge"].iter().any(|stage| code.contains(stage)) {
            told = true;
            self.deed.add(Verb::Modify, place, self.sure);
            self.deed.at_least(Risk::Medium);
        }
        for name in code.split('.').skip(1).filter_map(|part| part.split_once('(')).map(|(name, _)| name.trim()) {
            let starts = |heads: &[&str]| heads.iter().any(|head| name.starts_with(head));
            let verb = match () {
                () if starts(&["drop", "delete", "remove", "findOneAndDelete", "findAndModify"]) => Some((Verb::Delete, Some(Risk::High))),
                () if starts(&["insert", "update", "replace", "save", "create", "rename", "bulkWrite", "findOneAnd"]) => {
                    Some((Verb::Modify, Some(Risk::Medium)))
                }
                () if starts(&[
                    "find",
                    "count",
                    "aggregate",
                    "distinct",
                    "show",
                    "get",
                    "stats",
                    "explain",
                    "help",
                    "version",
                    "serverStatus",
                    "estimated",
                ]) =>
                {
                    Some((Verb::Read, None))
                }
                () if starts(&["limit", "sort", "skip", "toArray", "pretty", "forEach", "map", "project"]) => continue,
                () => None,
            };
            match verb {
                Some((verb, risk)) => {
                    told = true;
                    self.deed.add(verb, place, self.sure);
                    risk.into_iter().for_each(|risk| self.deed.at_least(risk));
                }
                None => self.unknown_act(line.name, &line.args),
            }
        }
        if !told {
            self.unknown_act(line.name, &line.args);
        }
        Some(Flow { some: true, ..Flow::default() })
    }

    /// Notes what statements do to a database.
    pub(super) fn sql(&mut self, place: &str, script: &str) {
        for (statement, stands) in standing(script) {
            let sure = self.sure && stands;
            let words: Vec<String> =
                statement.split(|c: char| c.is_whitespace() || matches!(c, '(' | ',')).filter(|w| !w.is_empty()).map(str::to_owned).collect();
            let upper: Vec<String> = words.iter().map(|w| w.to_ascii_uppercase()).collect();
            let after = |keys: &[&str]| {
                upper.iter().position(|w| keys.contains(&w.as_str())).and_then(|i| words.get(i + 1)).map(|w| table(w)).filter(|w| w != "select")
            };
            let Some(first) = upper.first() else { continue };
            let has = |word: &str| upper.iter().any(|w| w == word);
            if acts_unseen(&upper, &statement) {
                self.deed.add_unknown(&format!("sql {statement}"));
                continue;
            }
            let (verb, name, risk) = match first.as_str() {
                "SELECT" if has("INTO") => (Verb::Create, after(&["INTO"]), Some(Risk::Medium)),
                "PRAGMA" if statement.contains('=') => (Verb::Modify, None, Some(Risk::Medium)),
                ".SHELL" | ".SYSTEM" | ".SAVE" | ".BACKUP" => {
                    self.deed.add_unknown(&format!("sql {statement}"));
                    continue;
                }
                "SELECT" | "SHOW" | "DESCRIBE" | "DESC" | "VALUES" | "PRAGMA" | "USE" | "SET" | "BEGIN" | "COMMIT" | "ROLLBACK" | "START" | "TABLE" => {
                    (Verb::Read, after(&["FROM"]), None)
                }
                "EXPLAIN" if !has("ANALYZE") => (Verb::Read, after(&["FROM"]), None),
                "WITH" | "EXPLAIN" if has("DELETE") => (Verb::Delete, deleted(&upper, &words), Some(Risk::High)),
                "WITH" | "EXPLAIN" if has("UPDATE") => (Verb::Modify, after(&["UPDATE"]), Some(Risk::High)),
                "WITH" | "EXPLAIN" if has("INSERT") => (Verb::Create, after(&["INTO"]), Some(Risk::Medium)),
                "WITH" | "EXPLAIN" => (Verb::Read, after(&["FROM"]), None),
                "INSERT" | "REPLACE" | "UPSERT" => (Verb::Create, after(&["INTO"]), Some(Risk::Medium)),
                "MERGE" => (Verb::Modify, after(&["INTO"]), Some(Risk::Medium)),
                "UPDATE" => (Verb::Modify, after(&["UPDATE"]), Some(Risk::High)),
                "DELETE" => (Verb::Delete, after(&["FROM"]), Some(Risk::High)),
                "TRUNCATE" => (Verb::Delete, after(&["TABLE"]).or_else(|| after(&["TRUNCATE"])), Some(Risk::High)),
                "DROP" => (Verb::Delete, dropped(&upper, &words), Some(Risk::Critical)),
                "CREATE" => (Verb::Create, dropped(&upper, &words), Some(Risk::Medium)),
                "ALTER" | "COMMENT" | "RENAME" => (Verb::Modify, dropped(&upper, &words), Some(Risk::High)),
                "VACUUM" | "ANALYZE" | "REINDEX" | "CLUSTER" | "OPTIMIZE" | "REFRESH" | "LOCK" => {
                    (Verb::Modify, words.last().map(|w| table(w)), Some(Risk::Medium))
                }
                "GRANT" | "REVOKE" => (Verb::Grant, after(&["ON"]), Some(Risk::High)),
                "COPY" | "LOAD" if has("TO") => (Verb::Read, words.get(1).map(|w| table(w)), None),
                "COPY" | "LOAD" => (Verb::Create, words.get(1).map(|w| table(w)), Some(Risk::Medium)),
                word if word.starts_with("\\D")
                    || word.starts_with("\\L")
                    || word.starts_with(".S")
                    || word.starts_with(".T")
                    || word.starts_with(".D")
                    || [".MODE", ".HEADERS", ".WIDTH", ".EXPLAIN"].contains(&word)
                    || word == "\\Q"
                    || word == "\\X"
                    || word == "\\TIMING" =>
                {
                    (Verb::Read, None, None)
                }
                _ => {
                    self.deed.add_unknown(&format!("sql {statement}"));
                    continue;
                }
            };
            let target = match name.filter(|n| !n.is_empty()) {
                Some(name) if upper.get(1).is_some_and(|w| matches!(w.as_str(), "DATABASE" | "SCHEMA")) => {
                    format!("{}/{name}", place.rsplit_once('/').map_or(place, |(p, _)| p))
                }
                Some(name) => format!("{place}/{name}"),
                None => place.to_owned(),
            };
            for more in further(first, &upper, &words) {
                self.deed.add(verb, format!("{place}/{more}"), sure && !statement.contains('$'));
            }
            if matches!(verb, Verb::Create | Verb::Modify) {
                self.deed.marks.insert(Mark::NotRepeatable);
            }
            self.deed.add(verb, target, sure && !statement.contains('$'));
            if let Some(risk) = risk {
                self.deed.at_least(risk);
            }
        }
    }
}

/// Tells whether a statement does, by a function or in a file of the server, what its first word does not say.
fn acts_unseen(upper: &[String], statement: &str) -> bool {
    const ACTING: &[&str] =
        &["PG_TERMINATE_BACKEND", "PG_CANCEL_BACKEND", "LO_UNLINK", "LO_IMPORT", "LO_EXPORT", "SETVAL", "NEXTVAL", "DBLINK_EXEC", "PG_RELOAD_CONF", "PROGRAM"];
    let has = |word: &str| upper.iter().any(|w| w == word);
    let to_file = upper.first().is_some_and(|w| w == "COPY") && has("TO") && !has("STDOUT");
    ACTING.iter().any(|name| has(name)) || to_file || from_function(statement) || (has("INTO") && (has("OUTFILE") || has("DUMPFILE")))
}

/// The table of a `DELETE` that stands within another statement.
fn deleted(upper: &[String], words: &[String]) -> Option<String> {
    let from = upper.iter().position(|w| w == "DELETE")?;
    let at = upper.iter().skip(from).position(|w| w == "FROM")? + from + 1;
    words.get(at + usize::from(upper.get(at).is_some_and(|w| w == "ONLY"))).map(|w| table(w))
}

/// The second name and those after it of `DROP TABLE a, b` and `TRUNCATE a, b`.
fn further(first: &str, upper: &[String], words: &[String]) -> Vec<String> {
    const ENDS: &[&str] = &["CASCADE", "RESTRICT", "RESTART", "CONTINUE", "ON"];
    let several = match first {
        "DROP" => upper.get(1).is_some_and(|w| matches!(w.as_str(), "TABLE" | "VIEW" | "MATERIALIZED" | "SEQUENCE" | "TYPE" | "EXTENSION" | "INDEX")),
        "TRUNCATE" => true,
        _ => false,
    };
    let named = upper.iter().skip(1).position(|w| !PASSED.contains(&w.as_str())).map_or(words.len(), |i| i + 2);
    let names = words.iter().zip(upper).skip(named).take_while(|(_, w)| several && !ENDS.contains(&w.as_str())).filter(|(_, w)| *w != ";");
    names.map(|(word, _)| table(word)).filter(|name| !name.is_empty()).collect()
}

/// Tells whether a statement reads from a function of which it is not known that it only reads.
fn from_function(statement: &str) -> bool {
    const READING: &[&str] = &[
        "generate_",
        "unnest",
        "json",
        "pg_",
        "string_to_table",
        "regexp_",
        "pragma_",
        "read_",
        "values",
        "lateral",
        "table",
        "ts_",
        "parquet_",
        "glob",
        "range",
    ];
    let lower = statement.to_ascii_lowercase();
    lower.match_indices("from").any(|(at, _)| {
        let word = lower.get(..at).is_none_or(|before| before.ends_with(|c: char| c.is_whitespace()));
        let rest = lower.get(at + 4..).filter(|rest| word && rest.starts_with(char::is_whitespace)).unwrap_or_default().trim_start();
        let name = rest.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.'))).next().unwrap_or_default();
        let called = !name.is_empty() && rest.get(name.len()..).is_some_and(|after| after.starts_with('('));
        called && !READING.iter().any(|head| name.rsplit('.').next().unwrap_or(name).starts_with(head))
    })
}

/// Words between the first of a statement and the name.
const PASSED: &[&str] = &[
    "TABLE",
    "IF",
    "EXISTS",
    "NOT",
    "DATABASE",
    "SCHEMA",
    "VIEW",
    "INDEX",
    "MATERIALIZED",
    "CONCURRENTLY",
    "UNIQUE",
    "TEMP",
    "TEMPORARY",
    "OR",
    "REPLACE",
    "SEQUENCE",
    "FUNCTION",
    "TYPE",
    "ROLE",
    "USER",
    "EXTENSION",
    "TRIGGER",
    "ONLY",
    "COLUMN",
    "ON",
    "TO",
];

/// The name after `DROP TABLE IF EXISTS` and its like.
fn dropped(upper: &[String], words: &[String]) -> Option<String> {
    upper.iter().skip(1).position(|w| !PASSED.contains(&w.as_str())).and_then(|i| words.get(i + 1)).map(|w| table(w))
}

fn table(word: &str) -> String {
    word.trim_matches(['"', '`', '\'', ';', ')', '[', ']']).to_ascii_lowercase()
}

/// Cuts a script at its semicolons, without comments and without the content of strings.
/// Gives the statements of a script, each with whether it stands: not within a transaction that is rolled back at once.
fn standing(script: &str) -> Vec<(String, bool)> {
    let all = statements(script);
    let first = |statement: &String| statement.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
    let place = |words: &[&str]| all.iter().position(|statement| words.contains(&first(statement).as_str()));
    let undone = match (place(&["BEGIN", "START"]), place(&["ROLLBACK"]), place(&["COMMIT", "END", "SAVEPOINT"])) {
        (Some(begin), Some(end), None) => begin..end,
        _ => 0..0,
    };
    all.into_iter().enumerate().map(|(at, statement)| (statement, !undone.contains(&at))).collect()
}

fn statements(script: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut chars = script.chars().peekable();
    let mut quote = None;
    while let Some(c) = chars.next() {
        let Some(current) = all.last_mut() else { break };
        match (quote, c) {
            (Some(q), c) if c == q => {
                quote = None;
                current.push(c);
            }
            (Some('\''), _) => {}
            (Some(_), c) => current.push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                current.push(c);
            }
            (None, '-') if chars.peek() == Some(&'-') => while chars.next_if(|c| *c != '\n').is_some() {},
            (None, '/') if chars.peek() == Some(&'*') => {
                let mut last = ' ';
                for c in chars.by_ref() {
                    if last == '*' && c == '/' {
                        break;
                    }
                    last = c;
                }
            }
            (None, ';') => all.push(String::new()),
            (None, '\n') if current.starts_with(['\\', '.']) => all.push(String::new()),
            (None, c) if c.is_whitespace() && current.is_empty() => {}
            (None, c) => current.push(c),
        }
    }
    all.retain(|s| !s.trim().is_empty());
    all.truncate(2000);
    all
}

/// Names a database that a row of the table leaves open (`db:-/-`, `db:-/redis`) by the options and words of the line.
pub(super) fn named(of: &str, line: &Line<'_>) -> String {
    let Some(database) = of.strip_prefix("db:-/") else { return of.to_owned() };
    let link = line.positional.iter().map(|a| a.text.as_str()).chain(line.value(&["-d", "--dbname", "--uri"])).find_map(super::target::url);
    let host = line.value(&["-h", "--host", "-H"]).map(str::to_owned);
    let (instance, path) = link.unwrap_or_else(|| (host.unwrap_or_else(|| "-".to_owned()), String::new()));
    // What these programs are given is a database; others are given statements, keys or files.
    let takes_name = matches!(line.name, "dropdb" | "createdb" | "pg_dump" | "mysqldump");
    let word = line.positional.first().filter(|_| takes_name).map(|a| a.text.as_str()).filter(|word| !word.contains("://"));
    let path = Some(path.trim_start_matches('/')).filter(|path| !path.is_empty());
    let named = line.value(&["-d", "--dbname", "--db"]).filter(|name| !name.contains("://")).or(path).or(word);
    let database = if database == "-" { named.unwrap_or("-") } else { database };
    format!("db:{instance}/{database}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_cut_outside_of_strings() {
        assert_eq!(statements("select 1; -- drop table x\ndelete from t where a = 'b; drop table c' /* ; */;"), ["select 1", "delete from t where a = '' "]);
        assert_eq!(statements("\\d x\nselect 2"), ["\\d x", "select 2"]);
    }
}
