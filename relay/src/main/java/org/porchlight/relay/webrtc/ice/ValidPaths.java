package org.porchlight.relay.webrtc.ice;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The paths from which valid checks have come, with the time of the last one and what the peer says of them. At most {@link #MAX}; the one
 * that has been silent longest gives way. Owner: its agent.
 */
final class ValidPaths {
    /** More than any phone has interfaces times relay addresses in use at a time. */
    static final int MAX = 8;

    /** One path. */
    static final class Entry {
        final IcePath path;
        long priority;
        long lastCheckNanos;

        Entry(IcePath path, long priority, long nowNanos) {
            this.path = path;
            this.priority = priority;
            lastCheckNanos = nowNanos;
        }
    }

    private final List<Entry> entries = new ArrayList<>(2);

    @Nullable
    Entry find(IceTransport transport, InetSocketAddress remote) {
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            if (entry.path.is(transport, remote)) {
                return entry;
            }
        }
        return null;
    }

    Entry add(IcePath path, long priority, long nowNanos, @Nullable Entry selected) {
        if (entries.size() >= MAX) {
            entries.remove(longestSilent(selected, nowNanos));
        }
        Entry entry = new Entry(path, priority, nowNanos);
        entries.add(entry);
        return entry;
    }

    private Entry longestSilent(@Nullable Entry selected, long nowNanos) {
        Entry oldest = entries.get(0) == selected ? entries.get(1) : entries.get(0);
        for (Entry entry : entries) {
            if (entry != selected && nowNanos - entry.lastCheckNanos > nowNanos - oldest.lastCheckNanos) {
                oldest = entry;
            }
        }
        return oldest;
    }

    void remove(Entry entry) {
        entries.remove(entry);
    }

    /** Forgets the paths whose last check is at least {@code ageNanos} old. */
    void removeOlderThan(long ageNanos, long nowNanos) {
        entries.removeIf(entry -> nowNanos - entry.lastCheckNanos >= ageNanos);
    }

    boolean contains(Entry entry) {
        return entries.contains(entry);
    }

    /** The path of the highest priority; null: none. */
    @Nullable
    Entry best() {
        Entry best = null;
        for (Entry entry : entries) {
            if (best == null || entry.priority > best.priority) {
                best = entry;
            }
        }
        return best;
    }

    void clear() {
        entries.clear();
    }

    int size() {
        return entries.size();
    }
}
