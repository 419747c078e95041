//! The columns of the library in a pseudoterminal: those of the configuration, and those that are chosen on the screen.

use crate::pty::{Home, Session, home};

/// Gives the headings of the list; facets and preview may stand beside them.
fn headings(session: &Session) -> String {
    let parts = |row: String| row.split('│').map(str::to_owned).collect::<Vec<_>>();
    session.screen().rows(0, 160).flat_map(parts).find(|part| part.contains("title ")).unwrap_or_default()
}

fn configured(columns: &str) -> Home {
    let home = home(&["publish-docs"]);
    std::fs::create_dir_all(home.path("config")).unwrap();
    std::fs::write(home.path("config/config.toml"), format!("columns = {columns}\n")).unwrap();
    home
}

#[test]
fn the_configuration_names_the_columns_and_the_screen_changes_them() {
    let home = configured("['title', 'cost', 'findings']");
    let mut session = home.start(&[], (160, 40));
    session.sees("Publish the handbook").sees("$0.03");
    let shown = headings(&session);
    assert!(shown.contains("cost") && shown.contains('⚑') && !shown.contains("steps") && !shown.contains("age"), "{shown}");
    session.press("\x11");
    assert_eq!(session.ends(), 0);
    // What nobody chose on the screen follows the configuration.
    std::fs::write(home.path("config/config.toml"), "columns = ['title', 'steps']\n").unwrap();
    let mut session = home.start(&[], (160, 40));
    session.sees("Publish the handbook").until("other columns", |session| headings(session).contains("steps") && !headings(session).contains("cost"));
    // What is chosen there goes before it, and is there again after a restart.
    session.press("Cmodel\r").press("\x03").until("one more column", |session| headings(session).contains("model")).press("\x11");
    assert_eq!(session.ends(), 0);
    let mut again = home.start(&[], (160, 40));
    again.sees("Publish the handbook").until("the chosen columns", |session| headings(session).contains("model") && headings(session).contains("steps"));
    again.press("\x11");
    assert_eq!(again.ends(), 0);
}
