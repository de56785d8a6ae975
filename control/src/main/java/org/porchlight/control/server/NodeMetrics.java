package org.porchlight.control.server;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.concurrent.atomic.AtomicLong;
import org.porchlight.control.access.StaticAdmission;
import org.porchlight.relay.metrics.RelayMetrics;

/** The registry of a node: the relay's meters, the platform's, and what the node itself counts. Any thread. */
final class NodeMetrics implements AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final RelayMetrics relay = new RelayMetrics(registry, System::nanoTime);
    private final JvmGcMetrics garbageCollector = new JvmGcMetrics();
    private final Counter applied = reloads("applied");
    private final Counter refused = reloads("refused");
    private final AtomicLong appliedAtMillis = new AtomicLong();

    NodeMetrics() {
        Gauge.builder("porchlight_configuration_applied_timestamp_seconds", () -> appliedAtMillis.get() / 1e3)
                .description("When the configuration in force was applied, in seconds since 1970")
                .strongReference(true)
                .register(registry);
    }

    /** Adds the meters of the JVM and the process. */
    void bindPlatform() {
        new ClassLoaderMetrics().bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        garbageCollector.bindTo(registry);
    }

    RelayMetrics relay() {
        return relay;
    }

    void bind(StaticAdmission admission) {
        FunctionCounter.builder("porchlight_logins_failed_total", admission, StaticAdmission::failedLogins)
                .description("Log-ins with wrong credentials")
                .register(registry);
        FunctionCounter.builder("porchlight_logins_refused_total", admission, StaticAdmission::refusedByRate)
                .description("Log-ins not looked at, because too many from the same network had failed")
                .register(registry);
        Gauge.builder("porchlight_permits_open", admission, StaticAdmission::openSessions)
                .description("Permits to watch or publish that have not ended")
                .register(registry);
    }

    void onConfigurationApplied(long epochMillis) {
        applied.increment();
        appliedAtMillis.set(epochMillis);
    }

    void onConfigurationRefused() {
        refused.increment();
    }

    /** All meters in the Prometheus text format. */
    String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        garbageCollector.close();
        registry.close();
    }

    private Counter reloads(String result) {
        return Counter.builder("porchlight_configuration_loads_total")
                .description("Configurations read, by result")
                .tag("result", result)
                .register(registry);
    }
}
