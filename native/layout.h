#pragma once

#include <cstddef>
#include <utility>

#include "codec/batch_header.h"
#include "codec/produce_walk.h"
#include "engine.h"
#include "log_verb.h"

namespace millrace {

// What `src/native/layout.ts` holds too; the script refuses to start when one number differs.
inline constexpr std::pair<const char*, size_t> kLayout[] = {
    {"eventBytes", sizeof(Event)},
    {"eventNumberOffset", offsetof(Event, number)},
    {"eventPayloadOffset", offsetof(Event, payload)},
    {"eventCapacity", Engine::kEventCapacity},
    {"commandBytes", sizeof(Command)},
    {"commandNumberOffset", offsetof(Command, x)},
    {"commandCapacity", SharedArea::kCommands},
    {"sliceBytes", sizeof(SliceRecord)},
    {"outboxBytes", SharedArea::kOutboxBytes},
    {"lookupBytes", sizeof(LookupRow)},
    {"lookupCapacity", SharedArea::kLookups},
    {"copyBytes", SharedArea::kCopyBytes},
    {"opSend", static_cast<size_t>(Command::Op::kSend)},
    {"opSendCopy", static_cast<size_t>(Command::Op::kSendCopy)},
    {"opSendAfterAppends", static_cast<size_t>(Command::Op::kSendAfterAppends)},
    {"opAwaitAppends", static_cast<size_t>(Command::Op::kAwaitAppends)},
    {"opSkip", static_cast<size_t>(Command::Op::kSkip)},
    {"opClose", static_cast<size_t>(Command::Op::kClose)},
    {"opPause", static_cast<size_t>(Command::Op::kPause)},
    {"opResume", static_cast<size_t>(Command::Op::kResume)},
    {"opForget", static_cast<size_t>(Command::Op::kForget)},
    {"opRelease", static_cast<size_t>(Command::Op::kRelease)},
    {"opAppend", static_cast<size_t>(Command::Op::kAppend)},
    {"opAppendCopy", static_cast<size_t>(Command::Op::kAppendCopy)},
    {"opResumeLog", static_cast<size_t>(Command::Op::kResumeLog)},
    {"opConfigureLog", static_cast<size_t>(Command::Op::kConfigureLog)},
    {"eventFrame", static_cast<size_t>(NetEvent::kFrame)},
    {"eventClosed", static_cast<size_t>(NetEvent::kClosed)},
    {"eventListenerClosed", static_cast<size_t>(NetEvent::kListenerClosed)},
    {"eventAccepted", static_cast<size_t>(NetEvent::kAccepted)},
    {"eventAppended", static_cast<size_t>(LogEvent::kAppended)},
    {"eventRolled", static_cast<size_t>(LogEvent::kRolled)},
    {"eventTicketFailed", static_cast<size_t>(LogEvent::kTicketFailed)},
    {"eventTicketDone", static_cast<size_t>(LogEvent::kTicketDone)},
    {"eventLogFailed", static_cast<size_t>(LogEvent::kLogFailed)},
    {"eventTranscode", static_cast<size_t>(LogEvent::kTranscode)},
    {"eventDone", static_cast<size_t>(LogEvent::kDone)},
    {"eventStopped", static_cast<size_t>(LogEvent::kStopped)},
    {"eventIndexRebuilt", static_cast<size_t>(LogEvent::kIndexRebuilt)},
    {"closePeer", static_cast<size_t>(CloseReason::Peer)},
    {"closeRequested", static_cast<size_t>(CloseReason::Requested)},
    {"closeBadFrameSize", static_cast<size_t>(CloseReason::BadFrameSize)},
    {"closeSocketError", static_cast<size_t>(CloseReason::SocketError)},
    {"closeSlowPeer", static_cast<size_t>(CloseReason::SlowPeer)},
    {"verdictUnchecked", static_cast<size_t>(FrameVerdict::Unchecked)},
    {"verdictVerified", static_cast<size_t>(FrameVerdict::Verified)},
    {"verdictFailed", static_cast<size_t>(FrameVerdict::Failed)},
    {"inspectionValid", static_cast<size_t>(Inspection::Valid)},
    {"inspectionTruncated", static_cast<size_t>(Inspection::Truncated)},
    {"inspectionBadMagic", static_cast<size_t>(Inspection::BadMagic)},
    {"inspectionBadCrc", static_cast<size_t>(Inspection::BadCrc)},
    {"inspectionTrailingBytes", static_cast<size_t>(Inspection::TrailingBytes)},
    {"lookupFound", static_cast<size_t>(LookupStatus::Found)},
    {"lookupEmpty", static_cast<size_t>(LookupStatus::Empty)},
    {"lookupOutOfRange", static_cast<size_t>(LookupStatus::OutOfRange)},
    {"lookupFailed", static_cast<size_t>(LookupStatus::Failed)},
    {"verbFindTimestamp", static_cast<size_t>(LogVerb::kFindTimestamp)},
    {"verbFindMaxTimestamp", static_cast<size_t>(LogVerb::kFindMaxTimestamp)},
    {"verbReadBytes", static_cast<size_t>(LogVerb::kReadBytes)},
    {"verbReadHeaders", static_cast<size_t>(LogVerb::kReadHeaders)},
    {"verbRoll", static_cast<size_t>(LogVerb::kRoll)},
    {"verbFlushLog", static_cast<size_t>(LogVerb::kFlush)},
    {"verbTruncate", static_cast<size_t>(LogVerb::kTruncate)},
    {"verbAdvanceStart", static_cast<size_t>(LogVerb::kAdvanceStart)},
    {"verbCloseLog", static_cast<size_t>(LogVerb::kClose)},
    {"verbEndMove", static_cast<size_t>(LogVerb::kEndMove)},
};

}  // namespace millrace
