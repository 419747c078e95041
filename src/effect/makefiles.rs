//! `make` with a makefile that the trajectory wrote: the recipes of what is made, and of what that needs.

use super::deed::Mark;
use super::run::Line;
use super::walk::{Arg, Flow, Shell};
use rustc_hash::{FxHashMap, FxHashSet};

/// Recipes run for one call.
const MOST_RECIPES: usize = 64;

/// A rule: what it makes needs these, and is made by these lines.
#[derive(Default)]
struct Rule<'t> {
    needs: Vec<&'t str>,
    recipe: Vec<&'t str>,
}

/// The rules of a makefile, and what its variables are set to.
#[derive(Default)]
struct Makefile<'t> {
    rules: FxHashMap<&'t str, Rule<'t>>,
    first: Option<&'t str>,
    names: FxHashMap<&'t str, &'t str>,
}

impl<'t> Makefile<'t> {
    fn read(text: &'t str) -> Self {
        let mut file = Self::default();
        let mut current: Vec<&'t str> = Vec::new();
        for line in text.lines() {
            if let Some(recipe) = line.strip_prefix('\t') {
                for target in &current {
                    file.rules.entry(target).or_default().recipe.push(recipe);
                }
                continue;
            }
            let line = line.split('#').next().unwrap_or_default();
            if let Some((name, value)) = line.split_once('=') {
                file.names.insert(name.trim_end_matches([':', '?', '+', '!']).trim(), value.trim());
            } else if let Some((targets, needs)) = line.split_once(':') {
                let (needs, own) = needs.split_once(';').map_or((needs, None), |(needs, own)| (needs, Some(own)));
                current = targets.split_whitespace().collect();
                for target in &current {
                    let rule = file.rules.entry(target).or_default();
                    rule.needs.extend(needs.trim_start_matches(':').split_whitespace().filter(|need| *need != "|"));
                    rule.recipe.extend(own);
                }
                file.first = file.first.or_else(|| current.first().copied().filter(|target| !target.starts_with('.')));
            }
        }
        file
    }

    /// Gives the lines that are run for a target: those of what it needs first.
    fn lines(&self, target: &str, seen: &mut FxHashSet<String>, out: &mut Vec<&'t str>) {
        if seen.len() >= MOST_RECIPES || !seen.insert(target.to_owned()) {
            return;
        }
        if let Some(rule) = self.rules.get(target) {
            rule.needs.iter().for_each(|need| self.lines(need, seen, out));
            out.extend(&rule.recipe);
        }
    }

    /// Writes a line of a recipe as the shell gets it; a variable that is set nowhere stays one.
    fn shown(&self, line: &str, given: &FxHashMap<&str, &str>, target: &str) -> String {
        let mut text = line.trim().trim_start_matches(['@', '-', '+']).replace("$@", target);
        for (name, value) in given.iter().chain(self.names.iter().filter(|(name, _)| !given.contains_key(*name))) {
            text = text.replace(&format!("$({name})"), value).replace(&format!("${{{name}}}"), value);
        }
        text.replace("$(MAKE)", "make").replace("$$", "$")
    }
}

impl Shell<'_> {
    /// Runs the recipes of what is to be made; `None` where the makefile, or the rule, was not seen.
    pub(super) fn make(&mut self, line: &Line<'_>) -> Option<Flow> {
        let named = line.value(&["-f", "--file", "--makefile"]).map_or_else(|| vec!["GNUmakefile", "makefile", "Makefile"], |file| vec![file]);
        let path = |file: &str| self.path(&Arg { text: file.to_owned(), known: true });
        let text = named.into_iter().find_map(|file| self.files.content(&path(file)).map(str::to_owned)).filter(|_| self.layer < 4)?;
        let file = Makefile::read(&text);
        let words = || line.positional.iter().map(|a| a.text.as_str());
        let given: FxHashMap<&str, &str> = words().filter_map(|word| word.split_once('=')).collect();
        let mut targets: Vec<&str> = words().filter(|word| !word.contains('=')).collect();
        if targets.is_empty() {
            targets.extend(file.first);
        }
        if targets.is_empty() || !targets.iter().all(|target| file.rules.contains_key(target)) {
            return None;
        }
        self.deed.marks.insert(Mark::Staged);
        self.layer += 1;
        for target in targets {
            let mut lines = Vec::new();
            file.lines(target, &mut FxHashSet::default(), &mut lines);
            for text in lines {
                let here = self.cwd.clone();
                self.script(&file.shown(text, &given, target), &Flow::default());
                self.cwd = here;
            }
        }
        self.layer -= 1;
        Some(Flow { some: true, ..Flow::default() })
    }
}

#[cfg(test)]
mod tests {
    use crate::effect::tests::check;

    #[test]
    fn recipes_are_run_as_the_makefile_says() {
        let file = "printf 'D = dist\\nall: test\\ntest: clean\\n\\t@echo ok\\nclean:\\n\\trm -rf $(D)\\n' > Makefile; ";
        check(&format!("{file}make test"), "modify ./Makefile; delete ./dist");
        check(&format!("{file}make"), "modify ./Makefile; delete ./dist");
        check(&format!("{file}make clean D=out"), "modify ./Makefile; delete ./out");
        check(&format!("{file}make live"), "modify ./Makefile; ~execute ?make live in .");
        check(&format!("{file}make -n clean"), "read proc:make; modify ./Makefile");
        check("make test", "execute proc:make");
        check("make -j8 CFLAGS=-O2 test", "execute proc:make");
    }
}
