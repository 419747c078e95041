//! Calls of programming languages that act on the world, and those that do not.

use crate::model::Verb;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::LazyLock;

/// What a call does with its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    /// An effect on the argument of that number; 9 is what stands before the dot.
    Effect(Verb, usize),
    /// Moves from the first to the second.
    Move,
    /// Copies from the first to the second.
    Copy,
    /// Opens, for reading or writing as the second argument says.
    Open,
    /// Runs a shell command, or a list of words.
    Shell,
    /// Fetches a URL; sends if more is given.
    Request,
    /// Sends to a URL.
    Post,
    /// Deletes at a URL.
    Delete,
}

/// The calls that are known: the end of the name as written before the parenthesis.
const CALLS: &[(Does, &str)] = &[
    (
        Does::Effect(Verb::Delete, 0),
        "shutil.rmtree rmtree os.remove os.unlink os.rmdir os.removedirs unlink rmdir remove_tree rimraf rimraf.sync rimrafSync rmSync rmdirSync \
         unlinkSync fs.rm removeSync FileUtils.rm_rf FileUtils.rm_r FileUtils.rm File.delete File.unlink Dir.rmdir os.truncate truncateSync",
    ),
    (Does::Effect(Verb::Modify, 9), "write_text write_bytes touch"),
    (Does::Effect(Verb::Create, 0), "mkdir os.makedirs os.mkdir mkdirSync FileUtils.mkdir_p"),
    (
        Does::Effect(Verb::Modify, 0),
        "writeFileSync writeFile appendFileSync File.write File.binwrite IO.write IO.binwrite file_put_contents os.chmod chmodSync os.chown",
    ),
    (Does::Move, "shutil.move os.rename os.replace renameSync FileUtils.mv rename"),
    (Does::Copy, "shutil.copy shutil.copy2 shutil.copyfile shutil.copytree copyFileSync cpSync FileUtils.cp"),
    (Does::Open, "open io.open codecs.open gzip.open bz2.open lzma.open File.open IO.open fopen"),
    (Does::Effect(Verb::Read, 9), "read_text read_bytes"),
    (Does::Effect(Verb::Read, 0), "readFileSync File.read os.listdir os.scandir os.walk readdirSync statSync existsSync"),
    (
        Does::Shell,
        "os.system os.popen subprocess.run subprocess.call subprocess.check_call subprocess.check_output subprocess.Popen subprocess.getoutput \
         execSync spawnSync execFileSync child_process.spawn child_process.execFile Bun.spawnSync Bun.spawn execa execaSync system child_process.exec shell_exec passthru proc_open popen",
    ),
    (Does::Request, "requests.get requests.head urllib.request.urlopen urlopen urllib.request.urlretrieve httpx.get fetch axios.get https.get http.get"),
    (Does::Post, "requests.post requests.put requests.patch httpx.post axios.post axios.put"),
    (Does::Delete, "requests.delete axios.delete httpx.delete"),
];

/// Calls that do nothing outside of the program; methods are told by their last name.
const HARMLESS: &str = "print len str int float bool list dict set tuple sorted range enumerate zip map filter sum min max abs round any all repr type isinstance \
         ord chr bytes hex iter next reversed format Path pathlib.Path PurePath join split strip lstrip rstrip splitlines replace startswith endswith \
         lower upper append extend get items keys values pop add update count index find encode decode read readlines readline exists is_file is_dir \
         isfile isdir iterdir glob rglob stat resolve load loads dump dumps sub match search findall compile group exit Counter defaultdict now today \
         strftime time sleep sqrt log info error warn stringify parse push slice forEach reduce includes startsWith endsWith toString require if for \
         while switch catch function return and or not in elif with del assert lambda basename dirname abspath expanduser getcwd environ.get getenv \
         puts say defined my then json text close flush Object.keys Array.from Number String Boolean Date Error Set Map Promise trim concat b64decode \
         b64encode hexdigest sha256 md5 uuid4 argv super input write partition title copy sort";

static KNOWN: LazyLock<FxHashMap<&'static str, Does>> =
    LazyLock::new(|| CALLS.iter().flat_map(|(does, names)| names.split_whitespace().map(|n| (n, *does))).collect());
static QUIET: LazyLock<FxHashSet<&'static str>> = LazyLock::new(|| HARMLESS.split_whitespace().collect());

/// Finds what a call does: by its whole name, by ends of it, by its last name where that says enough.
pub(super) fn find(name: &str) -> Option<Does> {
    let mut end = name;
    loop {
        let alone = !end.contains('.') && end.len() < name.len();
        if let Some(does) = KNOWN.get(end).filter(|_| !alone || !matches!(end, "fetch" | "system" | "rename" | "touch" | "open")) {
            return Some(*does);
        }
        end = end.split_once('.')?.1;
    }
}

/// Tells whether a call does nothing outside of the program.
pub(super) fn is_harmless(name: &str) -> bool {
    QUIET.contains(name) || QUIET.contains(name.rsplit('.').next().unwrap_or(name))
}
