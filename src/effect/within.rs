//! Programs that run another one out of a package, or within another root.

use super::deed::Mark;
use super::run::Line;
use super::table::Table;
use super::walk::{Arg, Flow, Shell};
use crate::model::Verb;

impl Shell<'_> {
    /// `npx PROGRAM`, `uvx PROGRAM`: the program, where it is one that is known, whatever its version.
    pub(super) fn packaged(&mut self, line: &Line<'_>, args: &[Arg], input: &Flow) -> Flow {
        let name = |text: &str| text.char_indices().skip(1).find(|(_, c)| *c == '@').map_or(text, |(at, _)| text.get(..at).unwrap_or(text)).to_owned();
        let known = line.positional.first().map(|first| (*first, name(&first.text))).filter(|(_, name)| Table::current().program(name).is_some());
        let Some((first, name)) = known.filter(|_| line.value(&["-c", "--call"]).is_none()) else {
            if line.value(&["-c", "--call"]).is_some() {
                return self.prefix(line, 0, args, input);
            }
            self.unknown_act(line.name, &line.args);
            return Flow { some: true, ..Flow::default() };
        };
        let from = args.iter().position(|a| std::ptr::eq(a, first)).unwrap_or(0);
        let mut words = args.get(from..).unwrap_or_default().to_vec();
        if let Some(first) = words.first_mut() {
            first.text = name;
        }
        self.run_words(&words, input)
    }

    /// `npm run x`: what the manifest says under that name, where it was seen.
    pub(super) fn package_script(&mut self, line: &Line<'_>, input: &Flow) -> Option<Flow> {
        let words: Vec<&str> = line.positional.iter().map(|a| a.text.as_str()).collect();
        let script = match words.as_slice() {
            ["run" | "run-script", script, ..] => *script,
            [script @ ("test" | "start" | "stop" | "build"), ..] => *script,
            _ => return None,
        };
        let manifest = self.path(&Arg { text: "package.json".to_owned(), known: true });
        // What stands before and after it under its name is run with it.
        let body = self.files.content(&manifest).and_then(|text| {
            let value: serde_json::Value = serde_json::from_str(text).ok()?;
            let of = |head: &str| value.get("scripts")?.get(format!("{head}{script}"))?.as_str().map(str::to_owned);
            let own = of("")?;
            Some([of("pre"), Some(own), of("post")].into_iter().flatten().collect::<Vec<_>>().join("\n"))
        });
        if let Some(body) = body.filter(|_| self.layer < 4) {
            self.deed.marks.insert(Mark::Staged);
            return Some(self.script(&body, input));
        }
        if matches!(script, "test" | "build" | "lint" | "check" | "typecheck" | "format") {
            self.deed.add(Verb::Execute, format!("proc:{} {script}", line.name), self.sure);
        } else {
            let args: Vec<String> = line.args.iter().map(|a| if a == "run-script" { "run".to_owned() } else { a.clone() }).collect();
            self.unknown_act(line.name, &args);
        }
        Some(Flow { some: true, ..Flow::default() })
    }

    /// `docker-compose …`: what `docker compose …` does.
    pub(super) fn composed(&mut self, args: &[Arg], input: &Flow) -> Flow {
        let words = ["docker", "compose"].map(|text| Arg { text: text.to_owned(), known: true });
        self.run(&words.into_iter().chain(args.iter().cloned()).collect::<Vec<_>>(), input)
    }

    /// `chroot FOLDER COMMAND`: every path of the command lies under the folder.
    pub(super) fn chroot(&mut self, line: &Line<'_>, args: &[Arg], input: &Flow) -> Flow {
        let Some(root) = line.positional.first() else { return Flow::default() };
        let outside = self.path(root);
        if !root.known || outside.starts_with('?') {
            self.unknown_act(line.name, &line.args);
            return Flow { some: true, ..Flow::default() };
        }
        let remote = self.remote.clone().unwrap_or_else(|| format!("chroot:{}", outside.trim_start_matches('/')));
        let mounts = vec![("/".to_owned(), outside)];
        let before = (self.remote.replace(remote), self.cwd.replace("/".to_owned()), std::mem::replace(&mut self.mounts, mounts));
        let flow = self.prefix(line, 1, args, input);
        (self.remote, self.cwd, self.mounts) = before;
        flow
    }
}

#[cfg(test)]
mod tests {
    use crate::effect::tests::check;

    #[test]
    fn what_runs_out_of_a_package_is_what_it_is() {
        check("npx -y rimraf@5 dist", "delete ./dist");
        check("npx prettier --write src", "modify ./src");
        check("uvx ruff check --fix .", "modify .");
        check("npx create-thing app", "~execute ?npx create-thing app in .");
        check("npx -c 'rm -rf dist'", "delete ./dist");
        check("poetry run python -c 'import os; os.remove(\"a\")'", "delete ./a");
        check("bundle exec rspec", "execute proc:rspec");
        check("pnpm exec rimraf dist", "delete ./dist");
        check("hatch run publish", "~execute ?hatch run publish in .");
    }

    #[test]
    fn another_root_is_a_folder_of_this_machine() {
        check("chroot /mnt rm -rf /etc/x", "delete /mnt/etc/x");
        check("chroot /mnt sh -c 'cd /srv && rm -rf cache'", "delete /mnt/srv/cache");
        check("docker run -v /:/host alpine chroot /host rm -rf /etc", "execute proc:docker run; delete /etc; grant proc:privileged container");
    }
}
