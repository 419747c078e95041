//! Names of what clusters and clouds hold, and programs that run others inside a container.

use super::deed::Mark;
use super::run::Line;
use super::walk::{Arg, Flow, Shell};
use crate::model::{Risk, Verb};

/// Gives what a `kubectl` line names: `k8s:<context>/<namespace>/<kind>/<name>`.
pub(super) fn kubernetes(line: &Line<'_>, words: usize) -> Vec<(String, bool)> {
    let context = line.value(&["--context", "--kube-context", "--kubeconfig"]).unwrap_or("-");
    let everywhere = line.has(&["-A", "--all-namespaces"]);
    let namespace = if everywhere { "*" } else { line.value(&["-n", "--namespace"]).unwrap_or("default") };
    // `delete ns x`: the row may have taken the kind for one of its words.
    let kinds = ["namespace", "secret", "persistentvolume", "crd", "clusterrolebinding", "rolebinding", "clusterrole", "role", "serviceaccount", "token"];
    let took_kind = words > 1 && line.positional.get(words - 1).is_some_and(|a| kinds.contains(&full_kind(&a.text).as_str()));
    let named = line.positional.get(words - usize::from(took_kind)..).unwrap_or_default();
    let act = line.positional.first().map_or("", |a| a.text.as_str());
    let mut targets = Vec::new();
    for file in line.values(&["-f", "--filename", "-k"]) {
        targets.push((format!("k8s:{context}/{namespace}/file/{}", file.trim_start_matches("./")), file != "-"));
    }
    if line.name == "helm" {
        // Releases; of an installation the second word is the chart.
        let most =
            if named.len() > 1 && line.positional.first().is_some_and(|a| matches!(a.text.as_str(), "uninstall" | "delete" | "del")) { named.len() } else { 1 };
        targets.extend(named.iter().take(most).map(|release| (format!("k8s:{context}/{namespace}/release/{}", release.text), release.known)));
        if !targets.is_empty() {
            return targets;
        }
    }
    let mut kind = match act {
        "logs" | "attach" | "debug" | "run" | "port-forward" => Some("pod".to_owned()),
        "drain" | "cordon" | "uncordon" | "taint" => Some("node".to_owned()),
        _ => None,
    };
    let only_first = matches!(act, "logs" | "attach" | "debug" | "run" | "port-forward");
    let creates = act == "create";
    // `create secret generic NAME`: a kind of the kind.
    let sorts = ["generic", "docker-registry", "tls", "clusterip", "nodeport", "loadbalancer", "externalname"];
    let set = ["image", "env", "resources", "selector", "serviceaccount", "subject"];
    // A value that is given to it is no name.
    let is_name = |arg: &&&Arg| {
        let text = arg.text.as_str();
        !(creates && sorts.contains(&text) || act == "set" && set.contains(&text) || text.contains('='))
    };
    for arg in named.iter().filter(is_name).take(if only_first { 1 } else { named.len() }) {
        let (of, name) = match arg.text.split_once('/') {
            Some((of, name)) => (of.to_owned(), name.to_owned()),
            None if kind.is_none() => {
                kind = Some(full_kind(&arg.text));
                continue;
            }
            None => (kind.clone().unwrap_or_default(), arg.text.clone()),
        };
        let of = full_kind(&of);
        // A namespace holds all that is in it.
        let target = if of == "namespace" {
            format!("k8s:{context}/{name}/*")
        } else if of == "node" {
            format!("k8s:{context}/-/node/{name}")
        } else {
            format!("k8s:{context}/{namespace}/{of}/{name}")
        };
        targets.push((target, arg.known));
    }
    if targets.is_empty() {
        let of = kind.unwrap_or_else(|| "*".to_owned());
        targets.push((if of == "*" { format!("k8s:{context}/{namespace}/*") } else { format!("k8s:{context}/{namespace}/{of}/*") }, true));
    }
    targets
}

fn full_kind(kind: &str) -> String {
    match kind.trim_end_matches('s').to_ascii_lowercase().as_str() {
        "n" | "namespace" => "namespace",
        "po" | "pod" => "pod",
        "deploy" | "deployment" | "deployment.app" => "deployment",
        "svc" | "service" => "service",
        "cm" | "configmap" => "configmap",
        "secret" => "secret",
        "st" | "statefulset" => "statefulset",
        "d" | "daemonset" => "daemonset",
        "pvc" | "persistentvolumeclaim" => "persistentvolumeclaim",
        "pv" | "persistentvolume" => "persistentvolume",
        "ing" | "ingre" => "ingress",
        "job" => "job",
        "cj" | "cronjob" => "cronjob",
        "no" | "node" => "node",
        "r" | "replicaset" => "replicaset",
        other => return other.to_owned(),
    }
    .to_owned()
}

/// Gives what a cloud's line names: `cloud:<provider>/<account>/<resource>`.
pub(super) fn cloud(provider: &str, line: &Line<'_>, words: usize) -> String {
    let account = line.value(&["--profile", "--project", "--subscription", "--account", "--org"]).unwrap_or("-");
    let service = line.positional.first().filter(|a| (words > 1 || provider == "aws") && (provider, a.text.as_str()) != ("gcp", "storage"));
    let service = service.map(|a| a.text.clone());
    let after = line.positional.get(words..).unwrap_or_default();
    let mut names: Vec<String> = Vec::new();
    let plain = || after.iter().map(|a| a.text.trim_start_matches("s3://").trim_start_matches("gs://").trim_end_matches('/').to_owned());
    // A file for the answer is no name, where the thing has one.
    if provider != "aws" || service.as_deref() == Some("s3") {
        names.extend(plain());
    }
    if names.is_empty() {
        let telling = |o: &str| ["name", "id", "ids", "bucket", "identifier", "arn", "group", "key"].iter().any(|end| o.trim_start_matches('-').ends_with(end));
        let short = |o: &str| matches!(o, "-n" | "-g" | "-a" | "--app");
        names.extend(line.options.iter().filter(|(o, _, _)| telling(o) || short(o)).map(|(_, _, v)| v.clone()));
    }
    if names.is_empty() {
        names.extend(plain());
    }
    if names.is_empty() {
        names.push("*".to_owned());
    }
    let resource = service.into_iter().chain(names).collect::<Vec<_>>().join("/");
    format!("cloud:{provider}/{account}/{resource}")
}

impl Shell<'_> {
    /// `docker exec`, `docker run`, `kubectl exec`: the command runs elsewhere; `None` for every other subcommand.
    pub(super) fn container(&mut self, line: &Line<'_>, args: &[Arg], input: &Flow) -> Option<Flow> {
        let words: Vec<&str> = line.positional.iter().map(|a| a.text.as_str()).collect();
        let kube = matches!(line.name, "kubectl" | "oc" | "k");
        if let ["cp", from, to] | ["container", "cp", from, to] = words.as_slice() {
            self.container_copy(line, kube, (from, to));
            return Some(Flow { some: true, ..Flow::default() });
        }
        if let (true, ["run", name, ..]) = (kube, words.as_slice()) {
            let pod = format!("k8s:{}/{}/pod/{name}", line.value(&["--context"]).unwrap_or("-"), line.value(&["-n", "--namespace"]).unwrap_or("default"));
            self.deed.add(Verb::Create, pod.clone(), self.sure);
            self.deed.at_least(Risk::Medium);
            if let Some(from) = args.iter().position(|a| a.text == "--") {
                let before = (self.remote.replace(pod), self.cwd.take());
                self.deed.marks.insert(Mark::Wrapped);
                self.run(args.get(from + 1..).unwrap_or_default(), input);
                (self.remote, self.cwd) = before;
            }
            return Some(Flow { some: true, ..Flow::default() });
        }
        let (at, inside) = match words.as_slice() {
            ["exec", place, ..] if kube => {
                (2, format!("k8s:{}/{}/pod/{place}", line.value(&["--context"]).unwrap_or("-"), line.value(&["-n", "--namespace"]).unwrap_or("default")))
            }
            ["exec", place, ..] | ["container", "exec", place, ..] => (if words.first() == Some(&"exec") { 2 } else { 3 }, format!("docker:{place}")),
            ["compose", "exec" | "run", place, ..] => (3, format!("docker:{place}")),
            ["run", image, ..] if !kube => (2, format!("docker:{image}")),
            _ => return None,
        };
        if words.first() == Some(&"run") {
            self.deed.add(Verb::Execute, format!("proc:{}", line.text().split_whitespace().take(2).collect::<Vec<_>>().join(" ")), self.sure);
        }
        let mounts_all = line.values(&["-v", "--volume", "--mount"]).any(|m| m.starts_with("/:") || m.contains("docker.sock"));
        if line.has(&["--privileged"]) || mounts_all || line.values(&["--cap-add"]).any(|c| matches!(c, "ALL" | "SYS_ADMIN")) {
            self.deed.add(Verb::Grant, "proc:privileged container", self.sure);
        }
        let from = line.positional.get(at).and_then(|first| args.iter().position(|a| std::ptr::eq(a, *first)));
        if let Some(from) = from {
            let volumes: Vec<Arg> = line.values(&["-v", "--volume"]).map(|v| Arg { text: v.to_owned(), known: true }).collect();
            let mounts = volumes.iter().filter_map(|volume| {
                let (outside, inside) = volume.text.split_once(':')?;
                let folder = outside.starts_with(['/', '.', '~']);
                let outside = folder.then(|| self.path(&Arg { text: outside.to_owned(), known: true }))?;
                Some((inside.split(':').next().unwrap_or(inside).trim_end_matches('/').to_owned(), outside))
            });
            let mounts: Vec<(String, String)> = mounts.collect();
            let work = line.value(&["-w", "--workdir"]).map(str::to_owned);
            let before = (self.remote.replace(inside), std::mem::replace(&mut self.cwd, work), std::mem::replace(&mut self.mounts, mounts));
            self.deed.marks.insert(Mark::Wrapped);
            let command = args.get(from..).unwrap_or_default().to_vec();
            self.run(&command, input);
            (self.remote, self.cwd, self.mounts) = before;
        }
        Some(Flow { some: true, ..Flow::default() })
    }

    /// `docker cp web:/a ./b`, `kubectl cp ./a ns/pod:/b`.
    fn container_copy(&mut self, line: &Line<'_>, kube: bool, (from, to): (&str, &str)) {
        let far = |text: &str| {
            let (place, path) = text.split_once(':').filter(|(place, _)| !place.starts_with(['/', '.', '~']))?;
            let place = if kube {
                let (namespace, pod) = place.split_once('/').unwrap_or((line.value(&["-n", "--namespace"]).unwrap_or("default"), place));
                format!("k8s:{}/{namespace}/pod/{pod}", line.value(&["--context"]).unwrap_or("-"))
            } else {
                format!("docker:{place}")
            };
            Some(format!("{place}/{}", path.trim_start_matches('/')))
        };
        match far(from) {
            Some(target) => self.deed.add(Verb::Read, target, self.sure),
            None => self.reads(&Arg { text: from.to_owned(), known: true }),
        }
        match far(to) {
            Some(target) => {
                self.deed.add(Verb::Modify, target, self.sure);
                self.deed.at_least(Risk::Medium);
            }
            None => self.writes(&Arg { text: to.to_owned(), known: true }, None, false),
        }
    }

    /// `aws s3 cp`, `gsutil cp`, `gcloud storage cp` and their like: from one place to another; `gcloud compute ssh --command`.
    /// `None` for every other subcommand.
    pub(super) fn cloud_copy(&mut self, line: &Line<'_>) -> Option<Flow> {
        let words: Vec<&str> = line.positional.iter().map(|a| a.text.as_str()).collect();
        if line.name == "bq" && words.first() == Some(&"query") {
            let place = format!("db:bigquery/{}", line.value(&["--project"]).unwrap_or("-"));
            for sql in words.iter().skip(1) {
                self.sql(&place, sql);
            }
            return Some(Flow { some: true, ..Flow::default() });
        }
        let (provider, verb, skip) = match words.as_slice() {
            ["s3", verb, ..] => ("aws", *verb, 2),
            ["storage", verb, ..] => ("gcp", *verb, 2),
            [verb, ..] if line.name == "gsutil" => ("gcp", *verb, 1),
            ["compute", "ssh", host, ..] => {
                let script = line.value(&["--command"])?.to_owned();
                let before = (self.remote.replace((*host).to_owned()), self.cwd.take());
                let flow = self.script(&script, &Flow::default());
                (self.remote, self.cwd) = before;
                return Some(flow);
            }
            _ => return None,
        };
        let (to, from) = line.positional.get(skip..)?.split_last().filter(|_| matches!(verb, "cp" | "mv" | "sync" | "rsync"))?;
        let account = line.value(&["--profile", "--project"]).unwrap_or("-").to_owned();
        let far = |arg: &Arg| {
            arg.text
                .split_once("://")
                .map(|(_, name)| format!("cloud:{provider}/{account}/{}{}", if provider == "aws" { "s3/" } else { "" }, name.trim_end_matches('/')))
        };
        for arg in from {
            match far(arg) {
                Some(target) if verb == "mv" => self.deed.add(Verb::Delete, target, self.sure && arg.known),
                Some(target) => self.deed.add(Verb::Read, target, self.sure && arg.known),
                None => self.reads(arg),
            }
            if verb == "mv" && far(arg).is_none() {
                let path = self.path(arg);
                self.deed.add(Verb::Delete, path, self.sure && arg.known);
            }
        }
        let clears = matches!(verb, "sync" | "rsync") && line.has(&["--delete", "-d", "--delete-unmatched-destination-objects"]);
        match far(to) {
            Some(target) => {
                self.deed.add(Verb::Modify, target.clone(), self.sure && to.known);
                self.deed.at_least(Risk::Medium);
                if clears {
                    self.deed.add(Verb::Delete, target, self.sure && to.known);
                    self.deed.at_least(Risk::High);
                }
            }
            None => self.writes(to, None, false),
        }
        Some(Flow { some: true, ..Flow::default() })
    }

    /// `terraform apply`: a saved plan, or the folder; asked for no yes where it is told not to.
    pub(super) fn terraform(&mut self, line: &Line<'_>, input: &Flow) -> Option<Flow> {
        let word = line.positional.first().map(|a| a.text.as_str())?;
        let destroys = word == "destroy" || line.has(&["-destroy", "--destroy"]);
        if !matches!(word, "apply" | "destroy") {
            return None;
        }
        let folder = Arg { text: line.value(&["-chdir"]).unwrap_or(".").to_owned(), known: true };
        let folder = if self.cwd.is_some() || folder.text != "." { self.path(&folder) } else { ".".to_owned() };
        let target = format!("cloud:terraform/-/{}", folder.trim_start_matches('/'));
        self.deed.add(if destroys { Verb::Delete } else { Verb::Modify }, target, self.sure);
        self.deed.at_least(if destroys { Risk::Critical } else { Risk::High });
        if line.has(&["-auto-approve", "--auto-approve"]) {
            self.deed.marks.insert(Mark::DisabledGate);
        }
        if input.yes || input.text.as_deref().is_some_and(|t| t.trim() == "yes") {
            self.deed.marks.insert(Mark::AnsweredPrompt);
        }
        Some(Flow { some: true, ..Flow::default() })
    }
}
