//! Targets of effects in one spelling, and how two of them compare (judging, 3.1).

/// Where a target lies, as far as risk goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the folder of the work, or relative to one that is not known.
    Workspace,
    /// A temporary file.
    Scratch,
    /// A path elsewhere.
    Outside,
    /// A folder of the system, or a device.
    System,
    /// The root, or a home folder as a whole.
    Root,
    /// A package of a local installation.
    Package,
    /// On another machine.
    Remote,
}

/// Makes a path absolute by the working folder and takes `.` and `..` out, lexically; a pattern becomes the folder that
/// holds all it may match, marked by a slash at its end where the pattern is the whole last name.
#[must_use]
pub fn path(text: &str, cwd: Option<&str>, home: Option<&str>) -> String {
    let text = text.strip_prefix("file://").unwrap_or(text);
    let full = match text.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("{}{rest}", home.unwrap_or("~")),
        _ if text.starts_with('/') || text.starts_with("~") => text.to_owned(),
        _ => match cwd {
            Some(cwd) => format!("{}/{text}", cwd.trim_end_matches('/')),
            None => text.to_owned(),
        },
    };
    let absolute = full.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in full.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            part => parts.push(part),
        }
    }
    // A pattern stands for the longest folder that surely holds what it matches.
    if let Some(pattern) = parts.iter().position(|part| part.contains(['*', '?', '['])) {
        let kept = parts.get(pattern).map_or("", |p| p.trim_matches('*'));
        let narrow = pattern + 1 == parts.len() && !kept.is_empty();
        // A name at any depth.
        let last = parts.get(pattern + 1).filter(|_| pattern + 2 == parts.len());
        let deep = parts.get(pattern) == Some(&"**") && last.is_some_and(|last| !last.contains(['*', '?', '[']));
        if !narrow && !deep {
            parts.truncate(pattern);
        }
    }
    let joined = parts.join("/");
    match (absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// Gives the name under which a path holds secrets, if it does.
#[must_use]
pub fn secret(path: &str) -> Option<String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let holds = |part: &str| path.contains(part);
    if (name == ".env" || name.starts_with(".env.")) && !name.ends_with(".example") && !name.ends_with(".sample") && !name.ends_with(".template") {
        return Some("env".to_owned());
    }
    if path.starts_with("/proc/") && name == "environ" {
        return Some("env".to_owned());
    }
    let known = [
        ".netrc",
        ".npmrc",
        ".pypirc",
        ".pgpass",
        ".git-credentials",
        ".htpasswd",
        "credentials.json",
        "shadow",
        "gshadow",
        "master.key",
        "id_rsa",
        "id_ed25519",
        "id_ecdsa",
        "id_dsa",
    ];
    let by_folder = holds(".aws/credentials")
        || holds(".ssh/id_")
        || holds(".kube/config")
        || holds(".docker/config.json")
        || holds(".gnupg/")
        || holds("gcloud/application_default")
        || holds("/run/secrets/");
    let by_name = known.contains(&name) || [".pem", ".key", ".p12", ".pfx", ".keystore", ".jks"].iter().any(|end| name.ends_with(end));
    ((by_folder || by_name) && !name.ends_with(".pub")).then(|| name.to_owned())
}

/// Tells whether a variable of this name holds a secret.
#[must_use]
pub fn secret_variable(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "API_KEY", "APIKEY", "ACCESS_KEY", "PRIVATE_KEY", "CREDENTIAL"].iter().any(|part| upper.contains(part))
}

/// Says where a target lies.
#[must_use]
pub fn place(target: &str, cwd: Option<&str>) -> Place {
    if target.starts_with("pkg:") || target.starts_with("proc:") {
        return Place::Package;
    }
    // A commit, a branch, the index: what version control itself takes back.
    if target.starts_with("git:local/") {
        return Place::Workspace;
    }
    let is_path = target.starts_with(['/', '~', '.']) || !target.split('/').next().unwrap_or("").contains([':', '.']);
    if target.starts_with('?') {
        return Place::Workspace;
    }
    if !is_path {
        return if target.contains(':') || target.contains('/') { Place::Remote } else { Place::Workspace };
    }
    let under = |folder: &str| target == folder || target.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    if cwd.is_some_and(|cwd| cwd != "/" && under(cwd) && target != cwd) {
        return Place::Workspace;
    }
    let depth = target.split('/').filter(|p| !p.is_empty()).count();
    let home = (target == "~" || target == "/root") || ((target.starts_with("/home/") || target.starts_with("/Users/")) && depth == 2);
    if target == "/" || home {
        return Place::Root;
    }
    if ["/tmp", "/var/tmp", "/dev/shm"].iter().any(|t| under(t)) && target != "/tmp" {
        return Place::Scratch;
    }
    if cwd.is_some_and(&under) {
        return Place::Workspace;
    }
    if ["/etc", "/usr", "/bin", "/sbin", "/lib", "/boot", "/dev", "/sys", "/proc", "/var", "/opt", "/System", "/Library"].iter().any(|t| under(t)) {
        return Place::System;
    }
    if target.starts_with(['/', '~']) || target.starts_with("..") { Place::Outside } else { Place::Workspace }
}

/// Tells whether one target holds another: it is the same, a folder above it, a pattern it fits, or a wider name of its kind.
#[must_use]
pub fn contains(outer: &str, inner: &str) -> bool {
    if outer.starts_with('?') || inner.starts_with('?') {
        return super::spelling::holds(outer, inner);
    }
    if outer == inner {
        return true;
    }
    if outer == "secret:env" {
        return inner.starts_with("secret:") && inner.bytes().skip(7).all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    }
    if outer == "/" {
        return inner.starts_with('/');
    }
    if outer == "." {
        return !inner.starts_with(['/', '~', '?']) && !inner.contains(':') && !inner.starts_with("..");
    }
    if outer.contains(':') && outer.contains("/*") {
        return parts_fit(outer, inner);
    }
    if let Some((above, name)) = outer.split_once("/**/") {
        return inner == format!("{above}/{name}") || fits(outer.as_bytes(), inner.as_bytes());
    }
    if outer.contains('*') {
        return fits(outer.as_bytes(), inner.as_bytes());
    }
    inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
}

/// Tells whether one target may hold another: it does, or it would if the parts that one of them leaves open were those of the other.
#[must_use]
pub fn may_contain(outer: &str, inner: &str) -> bool {
    if contains(outer, inner) {
        return true;
    }
    let kind = |t: &str| ["db:", "k8s:", "cloud:", "git:"].into_iter().find(|kind| t.starts_with(kind));
    let Some(of) = kind(outer).filter(|of| kind(inner) == Some(of) && !outer.starts_with("git:local/") && !inner.starts_with("git:local/")) else {
        return false;
    };
    let (outer, inner) = (outer.trim_start_matches(of), inner.trim_start_matches(of));
    if of == "git:" {
        // A push that names no branch pushes one, and a remote by its address may be the one that has a name.
        let ((to, wide), (from, narrow)) = (remote_and_ref(outer), remote_and_ref(inner));
        let is_address = |remote: &str| remote.contains([':', '@', '/']);
        let same_ref = wide == narrow || wide == "*" || wide == "HEAD" || narrow == "HEAD";
        return (to == from || is_address(to) != is_address(from)) && same_ref;
    }
    let (mut wide, mut narrow) = (outer.split('/'), inner.split('/'));
    loop {
        match (wide.next(), narrow.next()) {
            (None, _) | (Some("*"), _) => return true,
            (Some(_), None) => return false,
            // A table without its schema may be of any.
            (Some(a), Some(b)) if a == b || a == "-" || b == "-" => {}
            (Some(a), Some(b)) if of == "db:" && (a.contains('.') != b.contains('.')) && a.rsplit('.').next() == b.rsplit('.').next() => {}
            _ => return false,
        }
    }
}

/// Takes `<remote>/<ref>` apart, where the remote may be an address.
fn remote_and_ref(target: &str) -> (&str, &str) {
    let at = match target.split_once("://") {
        // An address has a host, an owner and a name.
        Some((scheme, rest)) => rest.match_indices('/').nth(2).map(|(i, _)| scheme.len() + 3 + i),
        None if target.contains('@') => target.match_indices('/').nth(1).map(|(i, _)| i),
        None => target.find('/'),
    };
    at.and_then(|at| Some((target.get(..at)?, target.get(at + 1..)?))).unwrap_or((target, "HEAD"))
}

/// Compares names of several parts, `*` standing for any part and, at the end, for all that follow.
fn parts_fit(outer: &str, inner: &str) -> bool {
    let (mut wide, mut narrow) = (outer.split('/').peekable(), inner.split('/'));
    while let Some(part) = wide.next() {
        let last = wide.peek().is_none();
        match narrow.next() {
            Some(_) if part == "*" && last => return true,
            Some(other) if part == "*" || part == other => {}
            _ => return false,
        }
    }
    true
}

/// Matches a pattern of `*` and `?` against a name; linear in both for each star.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == b'?' || Some(c) == name.get(n) => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((sp, sn)) => {
                    p = sp + 1;
                    n = sn + 1;
                    star = Some((sp, sn + 1));
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|c| *c == b'*')
}

/// Takes a URL apart: host with its port, lowercase, and path without query; `None` where there is no host.
#[must_use]
pub fn url(text: &str) -> Option<(String, String)> {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let (authority, path) = rest.find(['/', '?', '#']).map_or((rest, ""), |i| rest.split_at(i));
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let plausible = !host.is_empty() && (text.contains("://") || host.contains('.') || host.starts_with("localhost")) && !host.contains([' ', '$', '{', '(']);
    let path = path.split(['?', '#']).next().unwrap_or("");
    plausible.then(|| (host.to_ascii_lowercase(), path.trim_end_matches('/').to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_one_spelling() {
        let check = |text, expect: &str| assert_eq!(path(text, Some("/w/demo"), Some("/home/kim")), expect, "{text}");
        check("./dist", "/w/demo/dist");
        check("../x/./y//z/", "/w/x/y/z");
        check("~/data", "/home/kim/data");
        check("/../../etc", "/etc");
        check("dist/*", "/w/demo/dist");
        check("src/*.rs", "/w/demo/src/*.rs");
        check("*/a", "/w/demo");
        check("/", "/");
        assert_eq!(path("./a/../b", None, None), "b");
        assert_eq!(path(".", None, None), ".");
        assert_eq!(path("~/x", None, None), "~/x");
    }

    #[test]
    fn wider_targets_hold_narrower_ones() {
        for (outer, inner) in [
            ("/w", "/w/a"),
            ("/", "/etc"),
            (".", "a/b"),
            ("/w/*.rs", "/w/x.rs"),
            ("git:origin/*", "git:origin/main"),
            ("k8s:c/ns/*/x", "k8s:c/ns/pod/x"),
            ("db:h/shop", "db:h/shop/orders"),
            ("secret:env", "secret:API_KEY"),
            ("api.x.io", "api.x.io/v1"),
        ] {
            assert!(contains(outer, inner), "{outer} {inner}");
            assert!(!contains(inner, outer), "{inner} {outer}");
        }
        for (a, b) in [("/w/a", "/w/ab"), ("?x", "?y"), ("git:origin/main", "git:origin/main2"), ("secret:env", "secret:id_rsa")] {
            assert!(!contains(a, b) && !contains(b, a), "{a} {b}");
        }
        assert!(contains("?x", "?x"));
    }

    #[test]
    fn what_is_left_open_may_be_the_same() {
        for (a, b) in [
            ("git:origin/HEAD", "git:origin/main"),
            ("git:https://github.com/a/b/main", "git:origin/main"),
            ("git:git@github.com:a/b/main", "git:origin/main"),
            ("db:-/-/users", "db:-/prod/users"),
            ("db:-/prod/users", "db:h/prod/users"),
            ("db:-/-/users", "db:-/-/public.users"),
            ("k8s:-/web/pod/a", "k8s:prod/web/pod/a"),
            ("cloud:aws/-/s3/b", "cloud:aws/prod/s3/b"),
        ] {
            assert!(may_contain(a, b) && may_contain(b, a) && !contains(a, b), "{a} {b}");
        }
        for (a, b) in [
            ("git:origin/main", "git:origin/fix"),
            ("git:origin/HEAD", "git:upstream/main"),
            ("git:local/HEAD", "git:local/main"),
            ("db:-/dev/users", "db:-/prod/users"),
            ("db:-/-/a.users", "db:-/-/b.users"),
            ("k8s:dev/web/pod/a", "k8s:prod/web/pod/a"),
            ("/w/-/a", "/w/b/a"),
        ] {
            assert!(!may_contain(a, b) && !may_contain(b, a), "{a} {b}");
        }
    }

    #[test]
    fn places_and_secrets() {
        let at = |t| place(t, Some("/w/demo"));
        assert_eq!((at("/w/demo/a"), at("/etc/x"), at("/tmp/x"), at("/")), (Place::Workspace, Place::System, Place::Scratch, Place::Root));
        assert_eq!((at("/home/kim"), at("/home/kim/a"), at("git:origin/main"), at("x.io/a")), (Place::Root, Place::Outside, Place::Remote, Place::Remote));
        assert_eq!(secret("/home/kim/.ssh/id_rsa").as_deref(), Some("id_rsa"));
        assert_eq!((secret(".env").as_deref(), secret("/proc/self/environ").as_deref()), (Some("env"), Some("env")));
        assert_eq!((secret(".env.example"), secret("/home/kim/.ssh/id_rsa.pub"), secret("src/key.rs")), (None, None, None));
        assert_eq!(url("https://u@Api.x.io:8080/v1/?q=1"), Some(("api.x.io:8080".into(), "/v1".into())));
        assert_eq!(url("README"), None);
    }
}
