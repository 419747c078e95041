//! The root of a Merkle tree over hashes: one number that stands for a closed set of sources (RFC 6962, section 2.1).

use crate::model::ids::hex;
use sha2::{Digest, Sha256};

/// Gives the root over some texts in their order, as 64 hex digits; of none, the hash of nothing.
#[must_use]
pub fn root<'t>(leaves: impl IntoIterator<Item = &'t str>) -> String {
    let mut level: Vec<[u8; 32]> = leaves.into_iter().map(|leaf| Sha256::new().chain_update([0]).chain_update(leaf).finalize().into()).collect();
    if level.is_empty() {
        return hex(&Sha256::digest([]));
    }
    // Pairing from the left and handing an odd one up gives the tree of the RFC, whose left side is the largest power of two.
    while level.len() > 1 {
        level = level.chunks(2).map(|pair| if let [left, right] = pair { node(left, right) } else { pair[0] }).collect();
    }
    hex(&level[0])
}

fn node(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hashes of the empty tree and of a tree of one empty leaf are those of the RFC's test vectors.
    #[test]
    fn roots_are_those_of_the_rfc() {
        assert_eq!(root([]), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(root([""]), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        assert_ne!(root(["a", "b"]), root(["b", "a"]));
        assert_ne!(root(["a", "b", "c"]), root(["a", "b"]));
    }
}
