//! What goes wrong with a request on purpose.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use super::again::SentAgain;
use super::call::{Call, Head};
use super::dav;
use super::delivery::{Delivery, Receipt};
use super::ocs::{Format, Outcome, wrap};
use super::reply::Reply;
use super::route;
use super::service::not_kept;
use crate::adversary::gzip::gzip;
use crate::adversary::lie::{Aim, Asker, Fault, Lie};
use crate::journal::Change;
use crate::model::Content;
use crate::order;
use crate::tenant::{State, Tenant};

/// The connection ends here: because that is meant, or because a file cannot be read.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the connection is cut")]
pub(crate) struct Cut;

/// A request that has been dealt with.
pub(crate) struct Done {
    pub(crate) number: u64,
    pub(crate) tampered_by: Vec<String>,
    /// What the client is told, as far as it comes to that.
    pub(crate) reply: Reply,
    /// How it is told; `None`: not at all.
    pub(crate) pace: Option<Pace>,
}

/// How long the first half of a body has to get away before the connection ends.
const FLUSH: Duration = Duration::from_millis(10);

/// How an answer reaches the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    Whole,
    Half,
    Drip(Duration),
    Endless,
}

/// What comes behind a body without an end, again and again.
static BLANKS: [u8; 1 << 16] = [b' '; 1 << 16];
/// How many MiB of them come before a body that is compressed.
const INFLATED: u32 = 256;
/// How often.
const TIMES: u32 = 1 << 12;

/// Plays the moves that a request sets off, and names those that could be made.
pub(crate) fn play_cues(tenant: &Arc<State>, lies: &[Arc<dyn Lie>], aim: &Aim, asker: &Asker) -> Vec<String> {
    let cued = lies.iter().filter_map(|lie| lie.cue(aim, asker));
    let played = cued.filter(|it| Tenant::of(Arc::clone(tenant)).play(it).is_ok());
    played.map(|it| it.name().to_owned()).collect()
}

/// Carries out a request as the lies in force have it.
pub(crate) fn carry_out(
    tenant: &State,
    head: &Head,
    aim: &Aim,
    body: &Content,
    lies: &Arc<[Arc<dyn Lie>]>,
) -> Done {
    let fault = lies.iter().find_map(|lie| Some((lie.name(), lie.fault(aim, &head.asker)?)));
    let honestly = || {
        let mut call = Call::new(tenant, head, body.clone(), Arc::clone(lies));
        let reply = match tenant.order().filter(|_| order::may_change(head)) {
            None => Ok(route::handle(&mut call)),
            Some(order) => {
                let change = || Change::Request(Box::new(SentAgain::of(head)));
                // With a state file no body is in a file.
                let body = call.body.clone();
                order.change(change, &body, || route::handle(&mut call), |reply| reply.status)
            }
        };
        let reply = reply.unwrap_or_else(|error| not_kept(&error));
        let (number, tampered_by) = call.finish();
        Done { number, tampered_by, reply, pace: Some(Pace::Whole) }
    };
    let nothing = |reply| Done {
        number: tenant.next_number(),
        tampered_by: Vec::new(),
        reply,
        pace: Some(Pace::Whole),
    };
    let Some((name, fault)) = fault else { return honestly() };
    let mut done = match fault {
        Fault::Status { status, carried_out, retry_after } => {
            let retry_after = retry_after.map(|seconds| seconds.to_string());
            let reply = Reply::text(status, "The server failed.\n").maybe("retry-after", retry_after);
            if carried_out { Done { reply, ..honestly() } } else { nothing(reply) }
        }
        Fault::Inside { status } => {
            let outcome = Outcome::exception(status, "The server failed.");
            // As the older entry point says everything.
            nothing(wrap(outcome, Format::Json, true))
        }
        Fault::Reset { carried_out: true } => Done { pace: None, ..honestly() },
        Fault::Reset { carried_out: false } => Done { pace: None, ..nothing(Reply::unanswered()) },
        Fault::HalfBody => {
            let done = honestly();
            // There is no half of nothing.
            let pace = Some(Pace::Half).filter(|_| !done.reply.is_empty());
            Done { pace, ..done }
        }
        Fault::Drip(pause) => Done { pace: Some(Pace::Drip(pause)), ..honestly() },
        Fault::Compressed => {
            let mut done = honestly();
            if let Some(body) = gzip(INFLATED, &done.reply.body) {
                done.reply.body = body.into();
                done.reply = done.reply.header("content-encoding", "gzip");
            }
            done
        }
        Fault::Endless => Done { pace: Some(Pace::Endless), ..honestly() },
        Fault::Twice => {
            honestly();
            honestly()
        }
        Fault::Pretence => pretend(tenant, head, body, lies),
        Fault::NothingListed => nothing(dav::nothing_listed()),
    };
    done.tampered_by.push(name.to_owned());
    done
}

/// Carries a request out in a history that nobody sees afterwards.
fn pretend(tenant: &State, head: &Head, body: &Content, lies: &Arc<[Arc<dyn Lie>]>) -> Done {
    let number = tenant.next_number();
    let (shown, scratch) = (head.asker.device.clone().unwrap_or_default(), format!("pretence {number}"));
    tenant.model().pretend_from(&shown, &scratch);
    let mut call = Call::new(tenant, head, body.clone(), Arc::clone(lies));
    call.show(scratch.clone());
    let reply = route::handle(&mut call);
    let (_, tampered_by) = call.finish();
    tenant.model().join(&scratch);
    Done { number, tampered_by, reply, pace: Some(Pace::Whole) }
}

/// The body of an answer that does not come as it should.
pub(crate) struct Told {
    body: Delivery,
    pace: Pace,
    /// What is still to be told.
    rest: Bytes,
    pause: Option<Pin<Box<Sleep>>>,
    receipt: Option<Receipt>,
    hint: SizeHint,
    /// How many blanks have been told, in pieces.
    blanks: u32,
}

impl Told {
    /// `receipt` is for answers that come in full, slowly or with much behind them; the body has none of its own then.
    pub(crate) fn new(body: Delivery, pace: Pace, receipt: Option<Receipt>) -> Self {
        let hint = if pace == Pace::Endless { SizeHint::new() } else { body.size_hint() };
        Self { body, pace, rest: Bytes::new(), pause: None, receipt, hint, blanks: 0 }
    }

    /// What comes behind the body. Whoever takes all of it has been told all.
    fn next_blanks(&mut self) -> Result<Frame<Bytes>, Cut> {
        if self.blanks == TIMES {
            if let Some(Receipt { tenant, number }) = self.receipt.take() {
                tenant.recorder().ended(number, true);
            }
            return Err(Cut);
        }
        self.blanks += 1;
        Ok(Frame::data(Bytes::from_static(&BLANKS)))
    }
}

impl Body for Told {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(context));
            self.pause = None;
        }
        if self.rest.is_empty() {
            let frame = match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                Some(Ok(frame)) => frame,
                Some(Err(_)) => return Poll::Ready(Some(Err(Cut))),
                None if self.pace == Pace::Endless => return Poll::Ready(Some(self.next_blanks())),
                None => return Poll::Ready(None),
            };
            match (self.pace, frame.into_data()) {
                (Pace::Whole | Pace::Endless, data) => {
                    return Poll::Ready(data.ok().map(|data| Ok(Frame::data(data))));
                }
                (_, Ok(data)) => self.rest = data,
                (_, Err(_)) => return Poll::Ready(None),
            }
        }
        if self.pace == Pace::Half {
            let half = usize::try_from(self.hint.lower() / 2).unwrap_or(usize::MAX);
            if half == 0 {
                return Poll::Ready(Some(Err(Cut)));
            }
            self.hint = SizeHint::with_exact(0);
            self.pause = Some(Box::pin(sleep(FLUSH)));
            let half = half.min(self.rest.len());
            return Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(half)))));
        }
        let next = self.rest.split_to(1);
        if let (Pace::Drip(time), false) = (self.pace, self.rest.is_empty()) {
            self.pause = Some(Box::pin(sleep(time)));
        }
        if self.rest.is_empty()
            && self.body.is_end_stream()
            && let Some(Receipt { tenant, number }) = self.receipt.take()
        {
            tenant.recorder().ended(number, true);
        }
        Poll::Ready(Some(Ok(Frame::data(next))))
    }

    fn is_end_stream(&self) -> bool {
        !matches!(self.pace, Pace::Half | Pace::Endless) && self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.hint
    }
}
