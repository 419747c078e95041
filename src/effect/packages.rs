//! Packages as targets: the registry they come from, and their names without versions.

use super::run::Line;
use super::target;
use super::walk::Arg;

/// Gives the registry that packages come from: the one that is named, else the usual one.
pub(super) fn registry(line: &Line<'_>, usual: &str) -> String {
    let short = if line.name.starts_with("pip") { "-i" } else { "--index-url" };
    let named = line.value(&["--index-url", "--registry", "--default-index", short]).and_then(target::url);
    named.map_or_else(|| usual.to_owned(), |(host, path)| host + path.trim_end_matches('/'))
}

/// Gives packages by their names, without versions; all where none is named.
pub(super) fn packages(registry: &str, args: &[&Arg]) -> Vec<(String, bool)> {
    if args.is_empty() {
        return vec![(format!("pkg:{registry}/*"), true)];
    }
    let name = |text: &str| {
        let cut = text.char_indices().skip(1).find(|(_, c)| matches!(c, '@' | '=' | '<' | '>' | '~' | '[')).map_or(text.len(), |(i, _)| i);
        text[..cut].to_owned()
    };
    args.iter().map(|arg| (format!("pkg:{registry}/{}", name(&arg.text)), arg.known)).collect()
}

#[cfg(test)]
mod tests {
    use crate::effect::tests::check;

    #[test]
    fn a_package_of_another_registry_is_another_one() {
        check("pip install requests==2.1", "create pkg:pypi/requests");
        check("pip install --index-url https://mirror.example.com/simple requests", "create pkg:mirror.example.com/simple/requests");
        check("npm install --registry=https://npm.example.com left-pad", "create pkg:npm.example.com/left-pad");
    }
}
