//! Walks the tree of a command: who runs, in which folder, with which variables, and what flows from one to the next.

use super::deed::Deed;
use super::shell::{Direction, Doc, Node, Redirect, Simple, Tree, parse};
use super::world::Files;
use rustc_hash::FxHashMap;

/// Commands looked at in one call; a loop over many values counts each.
const MOST_COMMANDS: u32 = 20_000;
/// Scripts inside scripts.
const MOST_LAYERS: u32 = 8;

/// What stands for a substituted text that is not known, and was decoded or came over the network.
pub(super) const HIDDEN: &str = "$(fetched)";

/// What comes out of a command, as far as it can be told.
#[derive(Debug, Clone, Default)]
pub struct Flow {
    /// The text, where it is known.
    pub text: Option<String>,
    /// Whether it came over the network.
    pub fetched: bool,
    /// Whether it was decoded.
    pub decoded: bool,
    /// Whether it says yes to whoever asks.
    pub yes: bool,
    /// Files whose content it is.
    pub files: Vec<String>,
    /// Whether it comes from anything at all.
    pub some: bool,
}

/// A word after expansion.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arg {
    /// Its text; what is not known stands as it was written.
    pub text: String,
    /// Whether all of it is known.
    pub known: bool,
}

/// A shell while it runs.
pub struct Shell<'a> {
    /// What the call does.
    pub deed: &'a mut Deed,
    /// Files written before.
    pub files: &'a mut Files,
    /// Working folder.
    pub cwd: Option<String>,
    /// Home folder.
    pub home: Option<String>,
    /// Variables; `None` where the value is not known.
    pub vars: FxHashMap<String, Option<String>>,
    /// What aliases stand for.
    pub aliases: FxHashMap<String, String>,
    /// The other machine it runs on.
    pub remote: Option<String>,
    /// Folders of this machine that a container sees, by where it sees them.
    pub mounts: Vec<(String, String)>,
    /// Files that the program which runs now has read.
    pub files_read: Vec<String>,
    /// Files whose content stands in the words of the command that runs now.
    pub poured: Vec<String>,
    /// Files whose content a variable holds.
    pub held: FxHashMap<String, Vec<String>>,
    /// Texts that were decoded or came over the network, and now stand in words.
    pub hidden: Vec<String>,
    /// Whether what runs now surely runs.
    pub sure: bool,
    /// How deep in scripts inside scripts.
    pub layer: u32,
    /// Commands left.
    pub budget: u32,
}

/// The functions and here-documents of one script.
#[derive(Clone, Default)]
pub(super) struct Context<'t> {
    docs: &'t [Doc],
    functions: FxHashMap<&'t str, &'t Node>,
    calls: u32,
}

impl<'a> Shell<'a> {
    /// Makes a shell in a folder.
    pub fn new(deed: &'a mut Deed, files: &'a mut Files, cwd: Option<&str>) -> Self {
        let home = home(cwd);
        Self {
            deed,
            files,
            cwd: cwd.map(str::to_owned),
            home,
            vars: FxHashMap::default(),
            aliases: FxHashMap::default(),
            remote: None,
            mounts: Vec::new(),
            files_read: Vec::new(),
            poured: Vec::new(),
            held: FxHashMap::default(),
            hidden: Vec::new(),
            sure: true,
            layer: 0,
            budget: MOST_COMMANDS,
        }
    }

    /// Runs a text as a script.
    pub fn script(&mut self, text: &str, input: &Flow) -> Flow {
        if self.layer >= MOST_LAYERS {
            self.deed.add_unknown(text);
            return Flow::default();
        }
        self.layer += 1;
        let tree: Tree = parse(text);
        let sure = self.sure;
        // A comment alone does nothing.
        self.deed.told |= tree.whole && tree.body.is_empty();
        if !tree.whole {
            self.sure = false;
            self.deed.add_unknown(text);
        }
        let mut context = Context { docs: &tree.docs, ..Context::default() };
        let flow = self.nodes(&tree.body, &mut context, input);
        self.sure = sure;
        self.layer -= 1;
        flow
    }

    /// Runs commands in a row; what they print flows together.
    pub fn nodes<'t>(&mut self, nodes: &'t [Node], context: &mut Context<'t>, input: &Flow) -> Flow {
        let mut all = Flow { text: Some(String::new()), ..Flow::default() };
        for node in nodes {
            let flow = self.node(node, context, input);
            all.join(flow);
        }
        all
    }

    fn node<'t>(&mut self, node: &'t Node, context: &mut Context<'t>, input: &Flow) -> Flow {
        if self.budget == 0 {
            if !self.deed.unknown {
                self.deed.add_unknown("more commands than are looked at");
            }
            return Flow::default();
        }
        self.budget -= 1;
        match node {
            Node::Simple(simple) => self.simple(simple, context, input),
            Node::Pipeline(stages) => {
                let mut flow = input.clone();
                let (cwd, vars) = (self.cwd.clone(), self.vars.clone());
                for stage in stages {
                    flow = self.node(stage, context, &flow);
                }
                (self.cwd, self.vars) = (cwd, vars);
                flow
            }
            Node::Chain(parts) => {
                let sure = self.sure;
                let mut all = Flow { text: Some(String::new()), ..Flow::default() };
                for (or, part) in parts {
                    self.sure = sure && !or;
                    all.join(self.node(part, context, input));
                }
                self.sure = sure;
                all
            }
            Node::Group { body, subshell, redirects } => {
                let kept = subshell.then(|| (self.cwd.clone(), self.vars.clone()));
                let flow = self.redirected(redirects, context, input, |shell, context, input| shell.nodes(body, context, input));
                if let Some(kept) = kept {
                    (self.cwd, self.vars) = kept;
                }
                flow
            }
            Node::Perhaps { test, arms, redirects } => self.redirected(redirects, context, input, |shell, context, input| {
                shell.nodes(test, context, input);
                let sure = std::mem::replace(&mut shell.sure, false);
                for arm in arms {
                    shell.nodes(arm, context, input);
                }
                shell.sure = sure;
                Flow::default()
            }),
            Node::Each { name, words, body, redirects } => self.redirected(redirects, context, input, |shell, context, input| {
                shell.each(name, words.as_deref(), body, context, input);
                Flow::default()
            }),
            Node::Function { name, body } => {
                context.functions.insert(name, body);
                Flow { text: Some(String::new()), ..Flow::default() }
            }
        }
    }

    fn each<'t>(&mut self, name: &str, words: Option<&'t [super::shell::Word]>, body: &'t [Node], context: &mut Context<'t>, input: &Flow) {
        let mut values: Vec<Arg> = Vec::new();
        for word in words.unwrap_or_default() {
            values.extend(self.expand(word, context));
        }
        let sure = self.sure;
        if values.is_empty() {
            values.push(Arg { text: format!("${name}"), known: false });
        }
        for value in values.into_iter().take(64) {
            // A pattern as the value stands for the paths it matches.
            self.vars.insert(name.to_owned(), value.known.then_some(value.text));
            self.nodes(body, context, input);
        }
        self.sure = sure;
    }

    /// Runs something under redirections.
    fn redirected<'t>(
        &mut self,
        redirects: &'t [Redirect],
        context: &mut Context<'t>,
        input: &Flow,
        run: impl FnOnce(&mut Self, &mut Context<'t>, &Flow) -> Flow,
    ) -> Flow {
        let input = self.input(redirects, context).unwrap_or_else(|| input.clone());
        let flow = run(self, context, &input);
        self.output(redirects, context, flow)
    }

    fn simple<'t>(&mut self, simple: &'t Simple, context: &mut Context<'t>, input: &Flow) -> Flow {
        let outer = std::mem::take(&mut self.poured);
        let flow = self.assigned(simple, context, input);
        self.poured = outer;
        flow
    }

    fn assigned<'t>(&mut self, simple: &'t Simple, context: &mut Context<'t>, input: &Flow) -> Flow {
        let mut assigned = Vec::new();
        for (name, word) in &simple.assigns {
            let value = self.expand(word, context);
            let poured = std::mem::take(&mut self.poured);
            if poured.is_empty() {
                self.held.remove(name);
            } else {
                self.held.insert(name.clone(), poured);
            }
            let known = value.iter().all(|a| a.known);
            let text = value.into_iter().map(|a| a.text).collect::<Vec<_>>().join(" ");
            assigned.push((name.clone(), known.then_some(text)));
        }
        if simple.words.is_empty() {
            self.vars.extend(assigned);
            return self.redirected(&simple.redirects, context, input, |_, _, _| Flow { text: Some(String::new()), ..Flow::default() });
        }
        let mut argv = Vec::new();
        for word in &simple.words {
            argv.extend(self.expand(word, context));
        }
        // For this one command alone; the words of the line were expanded without them.
        let before: Vec<_> = assigned.into_iter().map(|(name, value)| (name.clone(), self.vars.insert(name, value))).collect();
        let flow = self.redirected(&simple.redirects, context, input, |shell, context, input| {
            let name = argv.first().map(|a| a.text.clone()).unwrap_or_default();
            if let Some(body) = context.functions.get(name.as_str()).copied().filter(|_| context.calls < 16) {
                context.calls += 1;
                shell.vars.insert("0".to_owned(), Some(name.clone()));
                shell.words(argv.get(1..).unwrap_or_default());
                let flow = shell.node(body, context, input);
                context.calls -= 1;
                return flow;
            }
            shell.run(&argv, input)
        });
        for (name, value) in before.into_iter().rev() {
            match value {
                Some(value) => self.vars.insert(name, value),
                None => self.vars.remove(&name),
            };
        }
        flow
    }

    /// What the standard input is made to be, if redirections say.
    fn input<'t>(&mut self, redirects: &'t [Redirect], context: &mut Context<'t>) -> Option<Flow> {
        let mut flow = None;
        for redirect in redirects.iter().filter(|r| r.fd.unwrap_or(0) == 0) {
            let joined = |args: Vec<Arg>| args.iter().all(|a| a.known).then(|| args.into_iter().map(|a| a.text).collect::<Vec<_>>().join(" "));
            match redirect.direction {
                Direction::Read | Direction::Both => {
                    let mut from = Flow { some: true, ..Flow::default() };
                    for arg in self.expand(&redirect.target, context) {
                        let path = self.path(&arg);
                        self.reads(&arg);
                        from.text = self.files.content(&path).map(str::to_owned);
                        from.files.push(path);
                    }
                    flow = Some(from);
                }
                Direction::HereString => {
                    let args = self.expand(&redirect.target, context);
                    let decoded = args.iter().any(|arg| self.is_hidden(&arg.text));
                    flow = Some(Flow { text: joined(args), decoded, files: self.poured.clone(), some: true, ..Flow::default() });
                }
                Direction::HereDoc(index) => {
                    let docs: &'t [Doc] = context.docs;
                    let word = docs.get(index).and_then(|doc| doc.word.as_ref());
                    let args = word.map(|word| self.expand(word, context)).unwrap_or_default();
                    flow = Some(Flow { text: joined(args), some: true, ..Flow::default() });
                }
                _ => {}
            }
        }
        flow
    }

    /// Writes what redirections send into files.
    fn output<'t>(&mut self, redirects: &'t [Redirect], context: &mut Context<'t>, mut flow: Flow) -> Flow {
        for redirect in redirects.iter().filter(|r| matches!(r.direction, Direction::Write | Direction::Append | Direction::Both)) {
            let to_stdout = redirect.fd.unwrap_or(1) == 1 && redirect.direction != Direction::Both;
            for arg in self.expand(&redirect.target, context) {
                let connects = arg.text.starts_with("/dev/tcp/") || arg.text.starts_with("/dev/udp/");
                if redirect.direction == Direction::Both && !connects {
                    continue;
                }
                if connects && to_stdout {
                    self.files_read.clone_from(&flow.files);
                }
                let text = if to_stdout { flow.text.clone() } else { None };
                self.writes(&arg, text.as_deref(), redirect.direction == Direction::Append);
                if to_stdout && (flow.decoded || flow.fetched) {
                    let path = self.path(&arg);
                    self.files.hide(&path);
                }
            }
            if to_stdout {
                flow = Flow { text: Some(String::new()), ..Flow::default() };
            }
        }
        flow
    }
}

impl Flow {
    /// Adds what the next command prints.
    fn join(&mut self, other: Self) {
        self.text = self.text.take().zip(other.text).map(|(a, b)| a + &b);
        self.fetched |= other.fetched;
        self.decoded |= other.decoded;
        self.yes |= other.yes;
        self.files.extend(other.files);
        self.some |= other.some;
    }
}

/// Guesses the home folder from the working folder, as far as its form says.
fn home(cwd: Option<&str>) -> Option<String> {
    let mut parts = cwd?.split('/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(""), Some(base @ ("home" | "Users")), Some(name)) => Some(format!("/{base}/{name}")),
        (Some(""), Some("root"), _) => Some("/root".to_owned()),
        _ => None,
    }
}
