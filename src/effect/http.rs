//! Programs that speak HTTP: `curl`, `wget`, HTTPie, `gh api`: what is fetched, what is sent, with whose credentials.

use super::deed::{Mark, Sending};
use super::run::Line;
use super::target;
use super::walk::{Arg, Flow, Shell};
use crate::model::{Risk, Verb};

/// What a request carries.
#[derive(Default)]
struct Request {
    method: Option<String>,
    body: Vec<String>,
    files: Vec<String>,
    headers: Vec<String>,
    credentials: bool,
}

const DATA: &[&str] = &[
    "-d",
    "--data",
    "--data-raw",
    "--data-binary",
    "--data-ascii",
    "--data-urlencode",
    "--json",
    "-F",
    "--form",
    "--form-string",
    "--post-data",
    "--body-data",
];
const FILES: &[&str] = &["-T", "--upload-file", "--post-file", "--body-file"];

impl Shell<'_> {
    /// `curl` and `wget`.
    pub(super) fn curl(&mut self, line: &Line<'_>, input: &Flow) -> Flow {
        // The letters are those of curl; others mean something else by them.
        let own = |options: &[&'static str]| -> Vec<&'static str> { options.iter().copied().filter(|o| line.name == "curl" || o.starts_with("--")).collect() };
        let method = line.value(&own(&["-X", "--request", "--method"])).map(str::to_ascii_uppercase);
        let mut request = Request { method, files: self.poured.clone(), ..Request::default() };
        for value in line.values(&own(DATA)) {
            self.body(value, input, &mut request);
        }
        for value in line.values(&own(FILES)) {
            let file = Arg { text: value.to_owned(), known: true };
            self.reads(&file);
            request.files.push(self.path(&file));
        }
        for header in line.values(&own(&["-H", "--header"])) {
            request.credentials |= is_credential(header);
            request.headers.push(header.to_owned());
        }
        for user in line.values(&own(&["-u", "--user", "-b", "--cookie", "--oauth2-bearer", "--password", "--http-password"])) {
            request.credentials = true;
            request.headers.push(user.to_owned());
        }
        request.credentials |= line.has(&own(&["-n", "--netrc"]));
        // What a file of settings asks for is not known.
        if line.value(&own(&["-K", "--config", "--input-file"])).is_some() {
            self.unknown_act(line.name, &line.args);
        }
        if line.has(&own(&["-I", "--head", "--spider"])) {
            request.method.get_or_insert_with(|| "HEAD".to_owned());
        }
        if line.has(&own(&["-G", "--get"])) {
            request.method.get_or_insert_with(|| "GET".to_owned());
        }
        let logs = ["-D", "--dump-header", "-c", "--cookie-jar", "--trace", "--trace-ascii", "--stderr", "--save-cookies", "--output-file", "--append-output"];
        for log in line.values(&own(&logs)).map(|file| Arg { text: file.to_owned(), known: true }).collect::<Vec<_>>() {
            self.writes(&log, None, false);
        }
        let urls: Vec<Arg> =
            line.values(&["--url"]).map(|u| Arg { text: u.to_owned(), known: true }).chain(line.positional.iter().map(|a| (*a).clone())).collect();
        for url in &urls {
            self.request(url, &request);
        }
        self.download(line, &urls)
    }

    /// Where a download goes: into a file, or on to the next command.
    fn download(&mut self, line: &Line<'_>, urls: &[Arg]) -> Flow {
        // wget takes a file after `-O`, curl takes the name from the URL.
        let names: &[&str] = if line.name == "wget" { &["-O", "--output-document"] } else { &["-o", "--output", "--output-document", "--out"] };
        let out = line.value(names).map(str::to_owned);
        let named = line.name != "curl" || line.has(&["-O", "--remote-name", "--remote-name-all"]);
        let place = match out {
            Some(file) if file != "-" => Some(file),
            Some(_) => None,
            None if named && !line.has(&["--spider"]) => urls
                .first()
                .and_then(|u| target::url(&u.text))
                .map(|(_, path)| path.rsplit('/').next().filter(|n| !n.is_empty()).unwrap_or("index.html").to_owned()),
            None => None,
        };
        match place {
            Some(file) => {
                let arg = Arg { text: file, known: true };
                self.writes(&arg, None, false);
                let path = self.path(&arg);
                self.files.write_fetched(&path);
                Flow { some: true, ..Flow::default() }
            }
            None => Flow { fetched: true, some: true, ..Flow::default() },
        }
    }

    fn body(&mut self, value: &str, input: &Flow, request: &mut Request) {
        let file = value.strip_prefix('@').or_else(|| value.split_once("=@").or_else(|| value.split_once("=<")).map(|(_, f)| f));
        match file {
            Some("-") => {
                request.files.extend(input.files.iter().cloned());
                request.body.extend(input.text.clone());
                request.body.push(String::new());
            }
            Some(file) => {
                let arg = Arg { text: file.split(';').next().unwrap_or(file).to_owned(), known: true };
                self.reads(&arg);
                request.files.push(self.path(&arg));
            }
            None => request.body.push(value.to_owned()),
        }
    }

    fn request(&mut self, url: &Arg, request: &Request) {
        let (place, host) = match target::url(&url.text) {
            Some((host, path)) => (format!("{host}{path}"), host),
            None => (format!("?{}", url.text), String::new()),
        };
        // A file whose content stands in the address is sent with it.
        let leaks = self.poured.iter().any(|file| target::secret(file).is_some());
        let carries = !request.body.is_empty() || request.files.len() > self.poured.len();
        let method = request.method.clone().unwrap_or_else(|| if carries { "POST".to_owned() } else { "GET".to_owned() });
        let in_url = url.text.split_once("://").is_some_and(|(_, rest)| rest.split('/').next().is_some_and(|authority| authority.contains('@')));
        let verb = match method.as_str() {
            "DELETE" => Verb::Delete,
            "PUT" | "PATCH" => Verb::Modify,
            "GET" | "HEAD" | "OPTIONS" if !carries && !request.credentials && !in_url && !leaks => Verb::Fetch,
            _ => Verb::Send,
        };
        let certain = self.sure && !place.starts_with('?') && !place.contains('$');
        self.deed.add(verb, place, certain);
        if method == "POST" && !request.headers.iter().any(|h| h.to_ascii_lowercase().starts_with("idempotency-key")) {
            self.deed.marks.insert(Mark::NotRepeatable);
        }
        if verb != Verb::Fetch || url.text.contains('?') {
            let text = request.body.iter().chain(&request.headers).map(String::as_str).chain([url.text.as_str()]).collect::<Vec<_>>().join("\n");
            self.deed.sendings.push(Sending { host, files: request.files.clone(), text });
        }
    }

    /// HTTPie: `http POST url key=value`.
    pub(super) fn httpie(&mut self, line: &Line<'_>, input: &Flow) -> Flow {
        let mut request = Request { files: self.poured.clone(), ..Request::default() };
        let mut rest = line.positional.iter().copied().peekable();
        if let Some(method) = rest.next_if(|a| a.text.chars().all(|c| c.is_ascii_uppercase())) {
            request.method = Some(method.text.clone());
        }
        let Some(url) = rest.next().cloned() else { return Flow::default() };
        for item in rest {
            if let Some((_, file)) = item.text.split_once('@') {
                self.body(&format!("@{file}"), input, &mut request);
            } else if item.text.contains(":=") || (item.text.contains('=') && !item.text.contains("==")) {
                request.body.push(item.text.clone());
            } else if item.text.contains(':') {
                request.credentials |= is_credential(&item.text);
                request.headers.push(item.text.clone());
            }
        }
        request.credentials |= line.value(&["-a", "--auth"]).is_some();
        self.request(&url, &request);
        Flow { fetched: true, some: true, ..Flow::default() }
    }

    /// `gh api path`: the REST calls by which a push, a merge or a comment can be done as well.
    pub(super) fn gh_api(&mut self, line: &Line<'_>) -> Flow {
        let Some(path) = line.positional.get(1).map(|a| a.text.trim_start_matches('/').to_owned()) else { return Flow::default() };
        let fields: Vec<String> = line.values(&["-f", "-F", "--field", "--raw-field", "--input"]).map(str::to_owned).collect();
        // A query by the other interface asks, though it is posted; only a mutation changes something.
        let asks =
            |field: &String| field.strip_prefix("query=").is_some_and(|query| query.trim_start().starts_with("query") || query.trim_start().starts_with('{'));
        let asks = path == "graphql" && fields.iter().any(asks);
        let default = if fields.is_empty() || asks { "GET" } else { "POST" };
        let method = line.value(&["-X", "--method"]).unwrap_or(default).to_ascii_uppercase();
        let place = match path.split_once("/git/refs/heads/").or_else(|| path.split_once("/git/ref/heads/")) {
            Some((_, branch)) => format!("git:origin/{branch}"),
            None => format!("api.github.com/{path}"),
        };
        // A merge by the API is the merge of `gh pr merge`.
        let merges = path.strip_suffix("/merge").filter(|pull| pull.contains("/pulls/") && method != "GET");
        if let Some(pull) = merges {
            self.deed.add(Verb::Send, "git:origin/main", self.sure);
            self.deed.add(Verb::Send, format!("api.github.com/{pull}"), self.sure);
            self.deed.at_least(Risk::High);
            return Flow { fetched: true, some: true, ..Flow::default() };
        }
        let forced = fields.iter().any(|f| f == "force=true");
        match method.as_str() {
            "GET" | "HEAD" => self.deed.add(Verb::Fetch, place, self.sure),
            "DELETE" => self.deed.add(Verb::Delete, place, self.sure),
            _ if place.starts_with("git:") => {
                self.deed.add(Verb::Send, place.clone(), self.sure);
                if forced {
                    self.deed.add(Verb::Delete, place, self.sure);
                }
            }
            "PUT" | "PATCH" => self.deed.add(Verb::Modify, place, self.sure),
            _ => {
                self.deed.marks.insert(Mark::NotRepeatable);
                self.deed.add(Verb::Send, place, self.sure);
            }
        }
        if forced || method == "DELETE" {
            self.deed.at_least(Risk::High);
        }
        Flow { fetched: true, some: true, ..Flow::default() }
    }
}

/// Names what a `gh` line is about as its API does: `api.github.com/repos/<owner>/<name>/<kind>/<which>`, `*` for a repository that is not named.
pub(super) fn github(line: &Line<'_>, words: usize) -> String {
    let noun = line.positional.first().map_or("", |a| a.text.as_str());
    let which = line.positional.get(words).map(|a| a.text.as_str());
    let named = line.value(&["-R", "--repo"]).or_else(|| which.filter(|_| noun == "repo"));
    let repo = format!("api.github.com/repos/{}", named.unwrap_or("*"));
    let kind = match noun {
        "repo" => return repo,
        "pr" => "pulls",
        "issue" => "issues",
        "release" => "releases",
        "run" => "actions/runs",
        "workflow" => "actions/workflows",
        "secret" => "actions/secrets",
        other => other,
    };
    let creates = line.positional.get(1).is_some_and(|a| a.text == "create");
    which.filter(|_| !creates || noun == "release").map_or_else(|| format!("{repo}/{kind}"), |which| format!("{repo}/{kind}/{which}"))
}

/// Tells whether a header carries credentials.
pub(super) fn is_credential(header: &str) -> bool {
    let name = header.split(':').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(name.as_str(), "authorization" | "cookie" | "proxy-authorization" | "private-token")
        || name.contains("token")
        || name.contains("api-key")
        || name.contains("apikey")
        || name.contains("secret")
}
