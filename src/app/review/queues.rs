//! Which queue is reviewed: listed, chosen, or made of what the library shows.

use crate::app::layout::WIDE;
use crate::app::overlay::{Choice, Item, Kind, Overlay, Picker};
use crate::app::state::{Screen, State};
use crate::app::task::Task;
use crate::app::tone::Tone;
use crate::app::{QueueRow, ReviewAct};
use crate::text::{clean, fit, human, pad_left};

impl State {
    /// Lists the queues, to begin a review; where one is under way, goes there.
    pub(in crate::app) fn go_review(&mut self) {
        self.overlays.clear();
        if self.review.is_some() && self.screen != Screen::Review {
            self.screen = Screen::Review;
            let queue = self.review.as_ref().map(|review| review.at.queue.clone()).unwrap_or_default();
            return self.note(&format!("back in {queue}; g Q chooses another queue"));
        }
        self.choose_queue();
    }

    /// Asks which queue is reviewed. The list stands there at once, since what is typed next is meant for it.
    pub(in crate::app) fn choose_queue(&mut self) {
        self.queue_picker(Vec::new());
        if let Some(Overlay::Picker(picker)) = self.overlays.last_mut() {
            picker.awaited = Some(false);
        }
        self.want(Task::Queues);
    }

    /// Fills the list of queues, where it still stands.
    pub(in crate::app) fn queues_listed(&mut self, queues: Vec<QueueRow>) {
        let Some(Overlay::Picker(picker)) = self.overlays.last_mut().filter(|overlay| matches!(overlay, Overlay::Picker(picker) if picker.awaited.is_some()))
        else {
            return;
        };
        let (typed, meant) = (std::mem::take(&mut picker.input), picker.awaited == Some(true));
        self.overlays.pop();
        let counted = !queues.is_empty();
        self.queue_picker(queues);
        if let Some(Overlay::Picker(picker)) = self.overlays.last_mut() {
            picker.input = typed;
            picker.narrow();
        }
        if meant {
            self.choose();
        } else if counted {
            self.want(Task::QueuesLeft(self.library.query.text().trim().to_owned()));
        }
    }

    /// Says beside each queue how much is left in it, where their list still stands.
    pub(in crate::app) fn queues_counted(&mut self, left: &[(String, usize)]) {
        const SAID: &str = " left";
        let (roomy, dot) = (self.size.0 >= WIDE, self.marks().dot);
        let Some(Overlay::Picker(picker)) = self.overlays.last_mut().filter(|top| matches!(top, Overlay::Picker(picker) if picker.kind == Kind::Reviews))
        else {
            return;
        };
        for item in picker.items.iter_mut().filter(|item| !item.aside.ends_with(SAID)) {
            let (Some(Choice::Review(name)) | Some(Choice::ReviewFound(name))) = &item.choice else { continue };
            let Some((_, count)) = left.iter().find(|(of, _)| of == name) else { continue };
            let count = human::count(*count as u64);
            // Where there is little room, what a queue is for says its order as well.
            item.aside = clean(&if roomy { format!("{} {dot} {}{SAID}", item.aside, pad_left(&count, 6)) } else { format!("{count}{SAID}") });
        }
    }

    /// Reviews what the library shows.
    pub(in crate::app) fn queue_these(&mut self) {
        if self.screen == Screen::Dataset {
            return self.queue_kept_back();
        }
        if self.library.error.is_some() {
            return self.note("the query has a mistake; a queue needs one that can be meant");
        }
        let query = self.library.query.text().trim().to_owned();
        self.review_act(if query.is_empty() { ReviewAct::Begin("all".to_owned()) } else { ReviewAct::Over(query) });
    }

    /// Shows the queues.
    pub(in crate::app) fn queue_picker(&mut self, queues: Vec<QueueRow>) {
        // One schema is the usual one; only where there are others it is named.
        let several = queues.iter().any(|row| queues.first().is_some_and(|first| first.schema != row.schema));
        let item = |QueueRow { name, query, schema, order, about }: QueueRow| Item {
            text: vec![(clean(&fit(&clean(&name), 13)), Tone::Strong), (clean(if about.is_empty() { &query } else { about }), Tone::Dim)],
            aside: clean(&if several { format!("{order} {} {schema}", self.marks().dot) } else { order }),
            choice: Some(Choice::Review(name)),
        };
        let query = self.library.query.text().trim().to_owned();
        let found = (!query.is_empty()).then(|| Item {
            text: vec![(clean(&fit("this search", 13)), Tone::Strong), (clean(&query), Tone::Dim)],
            aside: clean("oldest"),
            choice: Some(Choice::ReviewFound(query)),
        });
        let items = found.into_iter().chain(queues.into_iter().map(item)).collect();
        self.overlays.push(Overlay::Picker(Picker::new(Kind::Reviews, clean("review a queue; `ossia queue` makes more"), items)));
    }
}
