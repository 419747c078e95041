//! What waits to be joined, found by one statement each: an import looks at all there is, however little it brings.

use super::{Result, Store};
use rustc_hash::FxHashSet;

/// The captures `X.jsonl` beside a sidecar `X.meta.json` that are not, or not by it, where the sidecar's session is.
const LOOSE: &str = "
SELECT m.id, s.id FROM source m JOIN source s ON s.path = substr(m.path, 1, length(m.path) - 10) || '.jsonl'
WHERE m.format = ?1 AND m.earlier_of IS NULL AND substr(m.path, -10) = '.meta.json' AND EXISTS (
  SELECT 1 FROM portion c WHERE c.source = s.id AND substr(c.session, 1, 1) = '?' AND (c.joined <> ?2 OR c.trajectory <> (
    SELECT n.trajectory FROM portion n WHERE n.source = m.id AND substr(n.session, 1, 1) = '=' ORDER BY n.session LIMIT 1)))
ORDER BY m.path";

const LOOSE_PORTIONS: &str = "SELECT source, session FROM portion WHERE joined <> ?1 AND substr(session, 1, 1) <> '=' AND EXISTS (SELECT 1 FROM inner_id)";

impl Store {
    /// Gives the numbers of the sidecars of a format and of the captures beside them that are not yet joined by them, as `joined` says.
    pub fn loose_captures(&self, format: &str, joined: &str) -> Result<Vec<(i64, i64)>> {
        let mut select = self.sql(self.db.prepare_cached(LOOSE))?;
        let rows = self.sql(select.query_map([format, joined], |row| Ok((row.get(0)?, row.get(1)?))))?;
        self.sql(rows.collect())
    }

    /// Gives the portions, by source and session, that name no session and were not joined as `joined` says; none where no portion waits by any id.
    pub fn loose_portions(&self, joined: &str) -> Result<FxHashSet<(i64, String)>> {
        let mut select = self.sql(self.db.prepare_cached(LOOSE_PORTIONS))?;
        let rows = self.sql(select.query_map([joined], |row| Ok((row.get(0)?, row.get(1)?))))?;
        self.sql(rows.collect())
    }
}
