package org.porchlight.relay.metrics;

/**
 * Every gauge of the relay, declared once: amounts that rise and fall. The value shown is the sum of what the loops keep in their
 * {@link LoopCounters} and of what {@link RelayMetrics#observe} was given.
 */
public enum Level {
    VIEWERS("viewers", "Viewers playing"),
    PUBLISHERS("publishers", "Publishers recording"),
    CONNECTIONS("connections", "Connections open on the media listeners"),
    STREAMS("streams", "Streams known, with or without a source"),
    STREAMS_LIVE("streams_live", "Streams whose source delivers packets"),
    SOURCES_CONNECTED("sources_connected", "Connections to cameras that play"),
    SOURCES_WAITING("sources_waiting", "Cameras that wait for their next attempt to connect"),
    SLAB_USED_BYTES("slab_used_bytes", "Memory of media slabs that are referenced"),
    SLAB_FREE_BYTES("slab_free_bytes", "Memory of media slabs that wait in the pool"),
    GOP_CACHE_MEDIA_BYTES("gop_cache_media_bytes", "Media held by the GOP caches"),
    GOP_CACHE_PINNED_BYTES("gop_cache_pinned_bytes", "Slab memory kept from reuse by the GOP caches"),
    VIEWER_QUEUED_BYTES("viewer_queued_bytes", "Media that waits for slow viewers' sockets"),
    FAN_OUT_QUEUED("fan_out_queued_batches", "Batches that wait in the queues between event loops"),
    LOOP_PENDING_TASKS("loop_pending_tasks", "Tasks that wait in the event loops");

    private final String meterName;
    private final String description;

    Level(String name, String description) {
        this.meterName = "porchlight_" + name;
        this.description = description;
    }

    /** Full name of the meter, its unit last where it is not a number of things. */
    public String meterName() {
        return meterName;
    }

    /** What is measured, in one line. */
    public String description() {
        return description;
    }
}
