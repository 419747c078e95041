//! The one table of commands: name, group, default keys, where it works, and what it does.

/// The places where a command may work, as bits of one set.
pub mod place {
    /// The library.
    pub const LIBRARY: u16 = 1;
    /// A trajectory.
    pub const TRAJECTORY: u16 = 2;
    /// Two trajectories beside each other.
    pub const COMPARE: u16 = 4;
    /// A page of text over the screen.
    pub const PAGE: u16 = 8;
    /// The redactions.
    pub const REDACTIONS: u16 = 128;
    /// Where one goes from one redaction to the next.
    pub const REDACTED: u16 = STEPS | REDACTIONS;
    /// The datasets.
    pub const DATASET: u16 = 64;
    /// What was counted over the query.
    pub const INSIGHTS: u16 = 32;
    /// The rules.
    pub const RULES: u16 = 256;
    /// The pairs.
    pub const PAIRS: u16 = 2048;
    /// Where one chooses what is put together.
    pub const GROUPED: u16 = REDACTIONS | INSIGHTS;
    /// Where a decision of one's own is taken back.
    pub const DECIDED: u16 = REDACTIONS | PAIRS;
    /// Where there is something at the left and at the right.
    pub const SIDES: u16 = BROWSE | PAIRS;
    /// The review.
    pub const REVIEW: u16 = 16;
    /// Where one judges: the review, and a trajectory that is read.
    pub const JUDGED: u16 = REVIEW | TRAJECTORY;
    /// Where a decision of a reviewer is taken back.
    pub const TAKEN: u16 = JUDGED | LIBRARY;
    /// Where one marks what is labelled together.
    pub const MARKED: u16 = OPENED | REVIEW;
    /// Where what is marked is listed.
    pub const LISTED: u16 = LIBRARY | REVIEW;
    /// Where one begins to judge what is there.
    pub const QUEUED: u16 = LIBRARY | DATASET;
    /// Everywhere.
    pub const ALL: u16 = BROWSE | REVIEW | PAIRS;
    /// Where one looks about.
    pub const BROWSE: u16 = SCREENS | PAGE;
    /// The screens themselves.
    pub const SCREENS: u16 = OPENED | INSIGHTS | DATASET | REDACTIONS | RULES;
    /// The screens, and the review.
    pub const ACTED: u16 = SCREENS | REVIEW | PAIRS;
    /// The library, and what is opened from it.
    pub const OPENED: u16 = LIBRARY | TRAJECTORY | COMPARE;
    /// Where one step is chosen.
    pub const STEPS: u16 = TRAJECTORY | COMPARE;
}

/// Headings of help and documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Moving about.
    Move,
    /// Jumping by meaning.
    Jump,
    /// Judging.
    Judge,
    /// Opening and going back.
    Open,
    /// Searching and filtering.
    Find,
    /// How things are shown.
    View,
    /// Taking things elsewhere.
    Take,
    /// Deciding.
    Decide,
    /// Going to a screen.
    Screens,
    /// The program.
    Program,
}

impl Group {
    /// Gives the heading.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Move => "Move",
            Self::Jump => "Jump by meaning",
            Self::Judge => "Judge",
            Self::Open => "Open and leave",
            Self::Find => "Find",
            Self::View => "Show",
            Self::Take => "Mark and take",
            Self::Decide => "Decide",
            Self::Screens => "Screens",
            Self::Program => "Program",
        }
    }
}

macro_rules! commands {
    ($($variant:ident | $name:literal | $group:ident | $keys:expr, | $places:ident | $hint:literal | $doc:literal)+) => {
        /// Everything a person can do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Command { $(#[doc = $doc] $variant),+ }

        impl Command {
            /// Every command, in the order of help.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Gives its name in the palette and the configuration.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// Gives its group.
            #[must_use]
            pub const fn group(self) -> Group {
                match self { $(Self::$variant => Group::$group),+ }
            }

            /// Gives its default keys; those of one binding stand with spaces between them.
            #[must_use]
            pub const fn default_keys(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &$keys),+ }
            }

            /// Gives the places where it works.
            #[must_use]
            pub const fn places(self) -> u16 {
                match self { $(Self::$variant => place::$places),+ }
            }

            /// Gives the word or two by which the footer names it; empty where the footer does not.
            #[must_use]
            pub const fn hint(self) -> &'static str {
                match self { $(Self::$variant => $hint),+ }
            }

            /// Says what it does, as an imperative.
            #[must_use]
            pub const fn doc(self) -> &'static str {
                match self { $(Self::$variant => $doc),+ }
            }

            /// Finds a command by its name.
            #[must_use]
            pub fn find(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|command| command.name() == name)
            }
        }
    };
}

commands! {
    Open            | "open"             | Open    | ["enter"],             | ACTED       | "open"      | "Open what is chosen: the trajectory, the hit, or the pane of the step"
    Back            | "back"             | Open    | ["q", "esc"],          | ALL        | ""          | "Leave what is open; clear the search; at the library, q quits"
    NextRow         | "next-row"         | Move    | ["j", "down"],         | ALL        | ""          | "Go to the next row"
    PreviousRow     | "previous-row"     | Move    | ["k", "up"],           | ALL        | ""          | "Go to the previous row"
    PageDown        | "page-down"        | Move    | ["ctrl-d", "pagedown"], | ALL       | ""          | "Go half a page down"
    PageUp          | "page-up"          | Move    | ["ctrl-u", "pageup"],  | ALL        | ""          | "Go half a page up"
    First           | "first"            | Move    | ["g g", "home"],       | ALL        | ""          | "Go to the first row"
    Last            | "last"             | Move    | ["G", "end"],          | ALL        | ""          | "Go to the last row"
    ScrollLeft      | "scroll-left"      | Move    | ["h", "left"],         | SIDES        | ""          | "Move the text to the right, where lines are not wrapped; in the library, go to the facets"
    ScrollRight     | "scroll-right"     | Move    | ["l", "right"],        | SIDES        | ""          | "Move the text to the left, where lines are not wrapped; in the facets, go to the rows"
    NextPrompt      | "next-prompt"      | Jump    | ["J"],                 | STEPS      | ""          | "Go to the next user prompt"
    PreviousPrompt  | "previous-prompt"  | Jump    | ["K"],                 | STEPS      | ""          | "Go to the previous user prompt"
    NextWait        | "next-wait"        | Jump    | ["] a"],               | STEPS      | "wait"      | "Go to the next wait"
    PreviousWait    | "previous-wait"    | Jump    | ["[ a"],               | STEPS      | ""          | "Go to the previous wait"
    NextDenial      | "next-denial"      | Jump    | ["] d"],               | STEPS      | "denial"    | "Go to the next denial"
    PreviousDenial  | "previous-denial"  | Jump    | ["[ d"],               | STEPS      | ""          | "Go to the previous denial"
    NextRetry       | "next-retry"       | Jump    | ["] r"],               | STEPS      | "retry"     | "Go to the next retry"
    PreviousRetry   | "previous-retry"   | Jump    | ["[ r"],               | STEPS      | ""          | "Go to the previous retry"
    NextError       | "next-error"       | Jump    | ["] e"],               | STEPS      | "error"     | "Go to the next error"
    PreviousError   | "previous-error"   | Jump    | ["[ e"],               | STEPS      | ""          | "Go to the previous error"
    NextRedaction   | "next-redaction"   | Jump    | ["] s"],               | REDACTED   | "redaction" | "Go to the next mark of redaction"
    PreviousRedaction | "previous-redaction" | Jump | ["[ s"],              | REDACTED   | ""          | "Go to the previous mark of redaction"
    NextFinding     | "next-finding"     | Jump    | ["] f"],               | STEPS      | "finding"   | "Go to the next finding of a rule"
    PreviousFinding | "previous-finding" | Jump    | ["[ f"],               | STEPS      | ""          | "Go to the previous finding of a rule"
    NextUnlabelled  | "next-unlabelled"  | Jump    | ["] u"],               | TRAJECTORY | "unlabelled" | "Go to the next decision point that nobody judged"
    PreviousUnlabelled | "previous-unlabelled" | Jump | ["[ u"],            | TRAJECTORY | ""          | "Go to the previous decision point that nobody judged"
    OtherEnd        | "other-end"        | Jump    | ["g x"],               | TRAJECTORY | "other end" | "Go to the execution that this one tries again, or to the one that tries this again"
    TakeProposal    | "take"             | Judge   | ["a"],                 | REVIEW     | "take"      | "Take what is proposed for the question; where reviewers differ, answer as A does"
    Refuse          | "refuse"           | Judge   | ["x"],                 | REVIEW     | ""          | "Refuse what is proposed, and stay; where reviewers differ, answer as B does"
    Later           | "later"            | Judge   | ["space", "right"],    | REVIEW     | "later"     | "Leave the item for later: go to the next one"
    PreviousItem    | "previous-item"    | Judge   | ["backspace", "left"], | REVIEW     | "item before" | "Go to the item before"
    ChangeAnswer    | "change-answer"    | Judge   | ["r"],                 | REVIEW     | "change an answer" | "Answer a question again: choose which of your answers is to be changed"
    Undo            | "undo"             | Judge   | ["u"],                 | TAKEN      | "undo"      | "Take your last decision back"
    Redo            | "redo"             | Judge   | ["ctrl-r"],            | TAKEN      | ""          | "Make a decision count again"
    Flag            | "flag"             | Judge   | ["f"],                 | JUDGED     | "flag"      | "Flag the item for a second look, or take the flag away"
    Note            | "note"             | Judge   | ["n"],                 | REVIEW     | "note"      | "Write a note on the item"
    Amend           | "amend"            | Judge   | ["A"],                 | JUDGED     | ""          | "Correct or confirm a fact that was read out of the sources, such as who asked"
    EditNote        | "edit-note"        | Judge   | ["e"],                 | REVIEW     | ""          | "Write a note on the item in $EDITOR"
    LabelMarked     | "label-marked"     | Judge   | ["L"],                 | LISTED     | "label"     | "Label all that is marked with one answer, after it is said how many that is"
    QueueThese      | "queue-these"      | Judge   | ["a"],                 | QUEUED     | "queue"     | "Judge what the library shows, item by item; at a dataset, what is kept back for want of an answer"
    Alike           | "alike"            | Judge   | ["c"],                 | REVIEW     | ""          | "Give your answers to its near-duplicates as well, as one decision"
    Guide           | "guide"            | Judge   | ["h"],                 | REVIEW     | "guide"     | "Show how to judge: the guide, the questions, the answers"
    Reveal          | "reveal"           | Judge   | ["H"],                 | REVIEW     | "reveal"    | "Show what happened before the answers are given; every answer then says so"
    Unsure          | "unsure"           | Judge   | ["~"],                 | REVIEW     | ""          | "Give the next answer as unsure"
    Names           | "names"            | Judge   | ["N"],                 | REVIEW     | "names"     | "Show who answered what, or hide it, while it is settled what reviewers differ about"
    Search          | "search"           | Find    | ["/"],                 | BROWSE        | "search"    | "Search: the whole workspace in the library, the text in a trajectory or page"
    NextHit         | "next-hit"         | Find    | ["n"],                 | BROWSE        | "next hit"  | "Go to the next hit of what is looked for, here or in the library; in a trajectory without hits, write a note"
    PreviousHit     | "previous-hit"     | Find    | ["N"],                 | BROWSE        | ""          | "Go to the previous hit"
    Facets          | "facets"           | Find    | ["F"],                 | LIBRARY    | "facets"    | "Filter by counts: choose a value of a facet"
    FilterByRule    | "filter-by-rule"   | Find    | ["F"],                 | RULES      | "in the library" | "Show what the chosen rule found in the library"
    Hits            | "hits"             | Find    | ["s"],                 | LIBRARY    | "steps"     | "Show the matching steps, or their trajectories"
    Sort            | "sort"             | Find    | ["S"],                 | LIBRARY    | "sort"      | "Sort by another column; the same again turns the order round"
    Columns         | "columns"          | View    | ["C"],                 | LIBRARY    | ""          | "Choose the columns of the table"
    SaveQuery       | "save-query"       | Find    | ["ctrl-s"],            | LIBRARY    | ""          | "Keep the query under a name"
    Queries         | "queries"          | Find    | ["g q"],               | LIBRARY    | ""          | "Choose one of the kept queries"
    Tools           | "tools"            | View    | ["t"],                 | STEPS      | "tools"     | "Show tools off, short or full"
    Thinking        | "thinking"         | View    | ["T"],                 | STEPS      | "thinking"  | "Unfold thinking, or fold it"
    Context         | "context"          | View    | ["c"],                 | STEPS      | ""          | "Unfold the surroundings (session state, usage), or fold them"
    Raw             | "raw"              | View    | ["R"],                 | STEPS      | "raw"       | "Show the raw records of the step"
    Executions      | "executions"       | View    | ["E"],                 | TRAJECTORY | "executions" | "Show the executions as a table; enter goes to one"
    Lineage         | "lineage"          | View    | ["L"],                 | TRAJECTORY | "ids"       | "Show lineage: every id; enter copies one"
    Branches        | "branches"         | View    | ["B"],                 | TRAJECTORY | ""          | "Show branches as a tree; enter goes to where one leaves"
    Issues          | "issues"           | View    | ["I"],                 | SCREENS    | ""          | "Show what was odd: issues of the trajectory, and messages of this program"
    Wrap            | "wrap"             | View    | ["w"],                 | ALL        | ""          | "Wrap long lines, or scroll them"
    Preview         | "preview"          | View    | ["p"],                 | LIBRARY    | ""          | "Show the preview, or hide it"
    Split           | "split"            | View    | ["|"],                 | TRAJECTORY | ""          | "Put the panes side by side, or one over the other"
    Mark            | "mark"             | Take    | ["v"],                 | MARKED     | "mark"      | "Mark the row or the item, or take the mark away; in the page of a step, mark a secret that no rule saw"
    MarkAll         | "mark-all"         | Take    | ["V"],                 | OPENED     | ""          | "Mark every row of the list that was read, or take all marks away"
    Seen            | "seen"             | Take    | ["m"],                 | LIBRARY    | ""          | "Take the seen mark away, or put it there"
    Copy            | "copy"             | Take    | ["y"],                 | BROWSE        | "copy"      | "Copy the text of the step, or of the marked ones"
    CopyId          | "copy-id"          | Take    | ["Y"],                 | OPENED     | "copy id"   | "Copy the id, or those of the marked rows"
    CopyMarkdown    | "copy-markdown"    | Take    | ["ctrl-y"],            | STEPS      | ""          | "Copy the step as Markdown, with its id and its source"
    Edit            | "edit"             | Take    | ["o"],                 | BROWSE        | ""          | "Open the text in $EDITOR"
    Pager           | "pager"            | Take    | ["O"],                 | BROWSE        | ""          | "Open the text in $PAGER"
    Compare         | "compare"          | Take    | ["="],                 | OPENED     | "compare"   | "Compare two trajectories: the two marked ones, or this one and the one opened before"
    GoLibrary       | "go-library"       | Screens | ["g l"],               | ALL        | ""          | "Go to the library"
    GoTrajectory    | "go-trajectory"    | Screens | ["g t"],               | ALL        | ""          | "Go to the trajectory that was opened last"
    Redact          | "redact"           | Decide  | ["a"],                 | REDACTIONS | "redact"    | "Take the proposal: the value must not leave, from any of its places"
    KeepValue       | "keep"             | Decide  | ["x"],                 | REDACTIONS | "keep"      | "Let the value leave, with a reason from a list or in your own words"
    AlreadyRedacted | "already-redacted" | Decide  | ["3"],                 | REDACTIONS | "already redacted" | "Say that it is a mark already and nothing is left to redact"
    Escalate        | "escalate"         | Decide  | ["4"],                 | REDACTIONS | "escalate"  | "Leave the decision to somebody else"
    SkipFinding     | "skip"             | Decide  | ["space"],             | REDACTIONS | "skip"      | "Go on to the next that is open"
    Unmask          | "unmask"           | Decide  | ["!"],                 | REDACTIONS | "reveal"    | "Show the value in the clear for the moment; the journal records it"
    UndoVerdict     | "undo-verdict"     | Decide  | ["u"],                 | DECIDED | "undo"      | "Take your last decision back"
    RedoVerdict     | "redo-verdict"     | Decide  | ["ctrl-r"],            | DECIDED | ""          | "Make the decision count again that was taken back last"
    ThisPlace       | "this-place"       | Decide  | ["m"],                 | REDACTIONS | "this place" | "Let verdicts hold for the chosen place alone, or for every place of the value"
    MoveSpan        | "move-span"        | Decide  | ["v"],                 | REDACTIONS | "span"      | "Move the ends of the value; what was between them before counts no more"
    GroupBy         | "group-by"         | View    | ["b"],                 | GROUPED | "by"        | "Put findings together by value, trajectory, rule or class; tell agreement apart by tool, model or rule"
    Decided         | "decided"          | View    | ["d"],                 | REDACTIONS | "decided"   | "Show what is decided as well, or only what is open"
    BetterA         | "better-a"         | Decide  | ["1", "a"],            | PAIRS      | "A better"  | "Say that A is better"
    BetterB         | "better-b"         | Decide  | ["2", "x"],            | PAIRS      | "B better"  | "Say that B is better"
    NeitherBetter   | "tie"              | Decide  | ["3"],                 | PAIRS      | "tie"       | "Say that neither side is better: no pair leaves"
    SwapSides       | "swap-sides"       | View    | ["4"],                 | PAIRS      | "swap"      | "Let the sides change places"
    Stronger        | "stronger"         | Decide  | ["+"],                 | PAIRS      | "stronger"  | "Say that the better side is much better, up to 3; the up arrow does the same"
    Weaker          | "weaker"           | Decide  | ["-"],                 | PAIRS      | ""          | "Say that the better side is only a little better; the down arrow does the same"
    PairReason      | "pair-reason"      | Decide  | ["n"],                 | PAIRS      | "reason"    | "Write why"
    RewriteSide     | "rewrite-side"     | Decide  | ["e"],                 | PAIRS      | "rewrite"   | "Write the better passage for a side in $EDITOR; it becomes a pair with what was recorded"
    SkipPair        | "skip-pair"        | Decide  | ["space"],             | PAIRS      | "next open" | "Go on to the next pair that is open"
    NextPair        | "next-pair"        | Move    | ["J"],                 | PAIRS      | "next pair" | "Go to the next pair"
    PreviousPair    | "previous-pair"    | Move    | ["K", "backspace"],    | PAIRS      | ""          | "Go to the pair before"
    PairList        | "pair-list"        | Find    | ["/", "L"],            | PAIRS      | "list"      | "List the pairs by where they come from, to search and to go to one"
    BlindOrder      | "blind-order"      | View    | ["b"],                 | PAIRS      | "blind"     | "Show arms and origins and keep the order, or hide and shuffle them until one chose"
    MakePair        | "make-pair"        | Decide  | ["p"],                 | COMPARE    | "pair"      | "Make a pair of the two trajectories, where they part"
    NewDataset      | "new-dataset"      | Decide  | ["c"],                 | DATASET    | "new"       | "Make a dataset of the library's query"
    EditDataset     | "edit-dataset"     | Decide  | ["e"],                 | DATASET    | "definition" | "Open the definition of the dataset in $EDITOR; a changed one gets the next version"
    OverrideGate    | "override"         | Decide  | ["!"],                 | DATASET    | "override"  | "Let a gate of the dataset be, with your reason; both stand in the bundle"
    KeptBack        | "kept-back"        | Decide  | ["b"],                 | DATASET    | "kept back" | "List what keeps rows back; enter goes to where it is mended"
    NextShape       | "next-shape"       | View    | ["s"],                 | DATASET    | "next shape" | "Show the rows of the next shape"
    Export          | "export"           | Decide  | ["X"],                 | DATASET    | "export"    | "Write the dataset as a bundle into a folder"
    GoRedactions    | "go-redactions"    | Screens | ["g s"],               | ALL        | "redactions" | "Go to the redactions: what must not leave, and claims that do not hold"
    GoPairs         | "go-pairs"         | Screens | ["g p"],               | ALL        | "pairs"     | "Go to the pairs: two continuations of one prefix, to choose between"
    GoDataset       | "go-dataset"       | Screens | ["g d"],               | ALL        | "dataset"   | "Go to the datasets: what would leave, and what keeps it back"
    GoInsights      | "go-insights"      | Screens | ["g i"],               | ALL        | "insights"  | "Go to insights: what was counted over the query"
    GoRules         | "go-rules"         | Screens | ["g u"],               | ALL        | "rules"     | "Go to the rules: what each found, and how people judged it"
    GoReview        | "go-review"        | Screens | ["g r"],               | ALL        | ""          | "Go to the review, or choose a queue"
    Queue           | "queue"            | Screens | ["g Q"],               | ALL        | ""          | "Choose a queue to review"
    NextScreen      | "next-screen"      | Screens | ["tab"],               | ALL        | ""          | "Go to the next screen"
    PreviousScreen  | "previous-screen"  | Screens | ["shift-tab"],         | ALL        | ""          | "Go to the previous screen"
    Palette         | "palette"          | Program | [":", "ctrl-p"],       | ALL        | "command"   | "Choose a command by its name; :!program runs one with the step on its standard input"
    Help            | "help"             | Program | ["?"],                 | ALL        | "help"      | "Show what works here, to search and to run"
    Legend          | "legend"           | Program | ["g ?"],               | ALL        | ""          | "Show what the signs and colours mean"
    Theme           | "theme"            | Program | [],                    | ALL        | ""          | "Choose a theme and see it at once"
    Ascii           | "ascii"            | Program | [],                    | ALL        | ""          | "Draw with ASCII alone, or with all of Unicode"
    Mouse           | "mouse"            | Program | [],                    | ALL        | ""          | "Let the mouse scroll and choose; the terminal's own selection then needs shift"
    Tour            | "tour"             | Program | ["g ."],               | ALL        | ""          | "Take the tour of seven keys, or leave it"
    TourNext        | "tour-next"        | Program | ["g n"],               | ALL        | ""          | "Skip a stop of the tour"
    Import          | "import"           | Program | [],                    | ALL        | ""          | "Import a file or a folder: asks for its path"
    Reload          | "reload"           | Program | ["f5"],                | ALL        | ""          | "Look again for what other programs imported"
    Redraw          | "redraw"           | Program | ["ctrl-l"],            | ALL        | ""          | "Draw the whole screen again"
    Suspend         | "suspend"          | Program | ["ctrl-z"],            | ALL        | ""          | "Stop the program; the shell's fg brings it back"
    Quit            | "quit"             | Program | ["ctrl-c", "ctrl-q"],  | ALL        | ""          | "Quit; the place is kept"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::keys;

    #[test]
    fn every_row_is_whole() {
        for command in Command::ALL {
            assert!(!command.doc().is_empty() && !command.doc().ends_with('.'), "{command:?}");
            assert_eq!(Command::find(command.name()), Some(*command));
            assert!(command.default_keys().iter().all(|written| keys(written).is_some()), "{command:?}");
        }
    }
}
