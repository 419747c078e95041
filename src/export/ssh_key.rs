//! A reviewer's own key: an OpenSSH private key of the kind ed25519 without a passphrase (PROTOCOL.key of OpenSSH), or 32 bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const BEGIN: &str = "-----BEGIN OPENSSH PRIVATE KEY-----";
const END: &str = "-----END OPENSSH PRIVATE KEY-----";
const MAGIC: &[u8] = b"openssh-key-v1\0";

/// Reads the 32 secret bytes of a key file; says why it cannot be used.
pub fn secret(bytes: &[u8]) -> Result<[u8; 32], &'static str> {
    if let Ok(raw) = <[u8; 32]>::try_from(bytes) {
        return Ok(raw);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "it is neither 32 bytes nor an OpenSSH private key")?;
    let body = text.trim().strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END)).ok_or("it is neither 32 bytes nor an OpenSSH private key")?;
    let body: String = body.split_whitespace().collect();
    let data = STANDARD.decode(body).map_err(|_| "its base64 is damaged")?;
    let mut rest = Wire(data.strip_prefix(MAGIC).ok_or("it is not of the form openssh-key-v1")?);
    let (cipher, _kdf, _options) = (rest.string(), rest.string(), rest.string());
    if cipher != Some(b"none") {
        return Err("it has a passphrase, and nobody is asked for one here");
    }
    if rest.number() != Some(1) {
        return Err("it holds more than one key");
    }
    let _public = rest.string();
    let mut inner = Wire(rest.string().ok_or("it breaks off")?);
    let (one, two) = (inner.number(), inner.number());
    if one.is_none() || one != two {
        return Err("its check numbers differ: it is damaged");
    }
    if inner.string() != Some(b"ssh-ed25519") {
        return Err("it is of another kind than ed25519");
    }
    let _public = inner.string();
    let secret = inner.string().and_then(|pair| pair.get(..32)).ok_or("it breaks off")?;
    secret.try_into().map_err(|_| "it breaks off")
}

/// Reads the 32 bytes of a public key from a line of OpenSSH (`ssh-ed25519 BASE64 COMMENT`).
pub fn public(line: &str) -> Option<[u8; 32]> {
    let data = STANDARD.decode(line.trim().strip_prefix("ssh-ed25519 ")?.split_whitespace().next()?).ok()?;
    let mut wire = Wire(&data);
    let key = (wire.string()? == b"ssh-ed25519").then(|| wire.string())??;
    key.try_into().ok().filter(|_| wire.0.is_empty())
}

/// The wire form: numbers of 32 bits, and strings with their length before them (RFC 4251, section 5).
struct Wire<'b>(&'b [u8]);

impl<'b> Wire<'b> {
    fn number(&mut self) -> Option<u32> {
        let (head, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*head))
    }

    fn string(&mut self) -> Option<&'b [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (string, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(string)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(parts: &[&[u8]]) -> Vec<u8> {
        parts.iter().flat_map(|part| u32::try_from(part.len()).unwrap().to_be_bytes().into_iter().chain(part.iter().copied())).collect()
    }

    fn file(cipher: &[u8], kind: &[u8]) -> String {
        let pair: Vec<u8> = [[7u8; 32], [9u8; 32]].concat();
        let inner = [&[0, 0, 0, 5, 0, 0, 0, 5][..], &wire(&[kind, &[9; 32], &pair, b"ana@desk"]), &[1, 2, 3]].concat();
        let data = [MAGIC, &wire(&[cipher, b"none", b""]), &[0, 0, 0, 1], &wire(&[&wire(&[kind, &[9; 32]]), &inner])].concat();
        format!("{BEGIN}\n{}\n{END}\n", STANDARD.encode(data))
    }

    #[test]
    fn a_key_without_passphrase_is_read_and_others_are_refused() {
        assert_eq!(secret(file(b"none", b"ssh-ed25519").as_bytes()), Ok([7; 32]));
        assert_eq!(secret(&[3; 32]), Ok([3; 32]));
        assert!(secret(file(b"aes256-ctr", b"ssh-ed25519").as_bytes()).unwrap_err().contains("passphrase"));
        assert!(secret(file(b"none", b"ssh-rsa").as_bytes()).is_err());
        let line = |kind: &[u8], key: &[u8]| format!("ssh-ed25519 {} ana@desk\n", STANDARD.encode(wire(&[kind, key])));
        assert_eq!(public(&line(b"ssh-ed25519", &[9; 32])), Some([9; 32]));
        assert_eq!((public(&line(b"ssh-rsa", &[9; 32])), public(&line(b"ssh-ed25519", &[9; 31])), public("ssh-ed25519 AAAA")), (None, None, None));
        let whole = file(b"none", b"ssh-ed25519");
        for cut in 0..whole.len() {
            assert!(secret(&whole.as_bytes()[..cut]).is_err() || whole[cut..].trim().is_empty() || cut == 32);
        }
    }
}
