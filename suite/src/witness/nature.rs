//! Attacks that need no forged bytes.

use e2ee_mock_server::adversary::Move;

/// What a move does that forges nothing, in a sentence; `None` if it forges, or if it only prepares something.
pub(super) fn sentence(play: &Move) -> Option<String> {
    let what = match play {
        Move::When(when) => return sentence(&when.play),
        Move::Hide(_)
        | Move::ForgetKeys(_)
        | Move::ForgetDrops(_)
        | Move::LoseFile(_)
        | Move::WithdrawFlag(_)
        | Move::WithdrawCapability(_)
        | Move::StripSignature(_)
        | Move::EndShare(_)
        | Move::ResetEncryption(_) => "forges nothing, it withholds",
        Move::Rollback(_)
        | Move::SplitChannels(_)
        | Move::Fork(_)
        | Move::Join(_)
        | Move::Swap(_)
        | Move::LateWrite(_) => "forges nothing, it replays what is genuine at another time or place",
        Move::HoldLock(_)
        | Move::KeepLock(_)
        | Move::ExpireLocks(_)
        | Move::GrantLockTwice(_)
        | Move::IgnoreCounter(_)
        | Move::SetCounter(_) => "forges nothing, it decides otherwise who may write",
        Move::Fail(_) | Move::Rendezvous(_) => "forges nothing, it disturbs requests",
        Move::Reshare(_) | Move::Update(_) => "forges nothing, it acts by itself",
        Move::Corrupt(_) => "forges nothing, it only reads",
        // What prepares something, and what forges: that is seen in the bytes.
        _ => return None,
    };
    Some(format!("{} {what}: {}", play.name(), play.summary()))
}
