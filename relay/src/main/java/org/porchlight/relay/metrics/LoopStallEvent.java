package org.porchlight.relay.metrics;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** Flight recorder event: an event loop was late. It is written when the loop runs again, so its time stamp is the end of the stall. */
@Name("org.porchlight.LoopStall")
@Label("Event Loop Stall")
@Category("Porchlight")
@Description("An event loop ran its periodic task later than the stall threshold")
@StackTrace(false)
public final class LoopStallEvent extends Event {
    @Label("Event Loop")
    final String loop;

    @Label("Late By")
    @Timespan(Timespan.NANOSECONDS)
    final long lateBy;

    @Label("Pending Tasks")
    @Description("Tasks that waited in the loop when it ran again")
    final int pendingTasks;

    /**
     * @param lateByNanos how much later than due the loop came to its periodic task
     * @param pendingTasks tasks waiting in the loop then
     */
    public LoopStallEvent(String loop, long lateByNanos, int pendingTasks) {
        this.loop = loop;
        this.lateBy = lateByNanos;
        this.pendingTasks = pendingTasks;
    }
}
