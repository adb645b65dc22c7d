#pragma once

#include <atomic>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>

namespace millrace {

// Something a ResourceCache may take back: an open descriptor or a mapping that can be had again on demand.
// Must call ResourceCache::Remove before it is destroyed.
class CachedResource {
 protected:
  ~CachedResource() = default;

  // Set on every use, cleared by the cache's hand as it passes.
  mutable std::atomic<bool> touched_{false};

 private:
  friend class ResourceCache;
  // Gives up the resource for the cache to drop outside its lock; holders of a pin keep theirs. Any thread.
  virtual std::shared_ptr<const void> Evict() = 0;

  std::list<CachedResource*>::iterator position_;
  bool listed_ = false;
};

// Keeps at most `capacity` resources, giving up those not used lately (second chance). Adding and evicting take
// its lock; a hit costs one relaxed store. Lock order: cache, then the resource's own lock.
class ResourceCache {
 public:
  explicit ResourceCache(size_t capacity) : capacity_(capacity) {}
  ResourceCache(const ResourceCache&) = delete;
  ResourceCache& operator=(const ResourceCache&) = delete;

  // Any thread; not while holding the resource's own lock.
  void Add(CachedResource& resource);
  void Remove(CachedResource& resource);
  size_t size() const;
  // Gives up a share of the resources, for a caller who met the system's limit. False when there are none.
  bool GiveWay();

 private:
  std::shared_ptr<const void> EvictOne();  // mutex_ held.

  const size_t capacity_;
  mutable std::mutex mutex_;
  // Oldest first. Guarded by mutex_, as are the hooks inside the resources.
  std::list<CachedResource*> ring_;
};

}  // namespace millrace
