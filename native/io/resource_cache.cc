#include "io/resource_cache.h"

#include <vector>

namespace millrace {
namespace {
// So few at a time that what is in use is not all reopened, so many that the next caller does not come at once.
constexpr size_t kGiveWayShare = 8;
}  // namespace

void ResourceCache::Add(CachedResource& resource) {
  std::shared_ptr<const void> dropped;
  std::lock_guard lock(mutex_);
  if (resource.listed_) return;
  if (ring_.size() >= capacity_) dropped = EvictOne();
  resource.position_ = ring_.insert(ring_.end(), &resource);
  resource.listed_ = true;
}

void ResourceCache::Remove(CachedResource& resource) {
  std::lock_guard lock(mutex_);
  if (!resource.listed_) return;
  ring_.erase(resource.position_);
  resource.listed_ = false;
}

bool ResourceCache::GiveWay() {
  std::vector<std::shared_ptr<const void>> dropped;
  std::lock_guard lock(mutex_);
  const size_t share = (ring_.size() + kGiveWayShare - 1) / kGiveWayShare;
  for (size_t i = 0; i < share; ++i) dropped.push_back(EvictOne());
  return share > 0;
}

size_t ResourceCache::size() const {
  std::lock_guard lock(mutex_);
  return ring_.size();
}

// One round of second chances at most: when everything was touched the oldest goes.
std::shared_ptr<const void> ResourceCache::EvictOne() {
  for (size_t chances = ring_.size(); chances > 0; --chances) {
    CachedResource* resource = ring_.front();
    if (!resource->touched_.exchange(false, std::memory_order_relaxed)) break;
    ring_.splice(ring_.end(), ring_, ring_.begin());
  }
  if (ring_.empty()) return nullptr;
  CachedResource* resource = ring_.front();
  ring_.pop_front();
  resource->listed_ = false;
  return resource->Evict();
}

}  // namespace millrace
