//! What the suites share: the real binary and the sandbox around it (`binary`, `env`), and the
//! program's steps in virtual time with fakes at its boundaries (`fakes`, `world`), expected
//! output in files (`snapshot`), and a page as extraction gets it (`page`).

mod binary;
mod env;
mod fakes;
pub(crate) mod page;
pub(crate) mod snapshot;
mod world;

pub(crate) use self::{
    binary::{Bot, TOKEN, binary, now, record, until},
    env::TestEnv,
    fakes::FakeBackends,
    world::{
        Arrival, CHANNEL, CROWD, FORUM, GROUP, GROUP_UPGRADED, OWNER, PAGE, PEOPLE, RULES, TOPIC,
        TestWorld, epoch, failing, milliseconds, population, refused, seconds, silent, source,
    },
};
