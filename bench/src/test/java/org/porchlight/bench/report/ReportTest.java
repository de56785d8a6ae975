package org.porchlight.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

class ReportTest {

    @Test
    void writesJsonThatReadsBackTheSame() {
        Map<String, Object> inner = new LinkedHashMap<>();
        inner.put("p50", 0.25);
        inner.put("empty", Map.of());
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("text", "a \"quoted\" \\ line\nand\ttab");
        value.put("whole", 12345678901L);
        value.put("small", 0.000012);
        value.put("big", 123456789.5);
        value.put("yes", true);
        value.put("list", List.of(1, inner, List.of()));
        String json = Json.write(value);
        Object read = new Yaml(new SafeConstructor(new LoaderOptions())).load(json);
        assertThat(read).isEqualTo(value);
    }

    @Test
    void writesNumbersThatAreNoneAsNull() {
        assertThat(Json.write(Double.NaN)).isEqualTo("null\n");
        assertThat(Json.write(Double.POSITIVE_INFINITY)).isEqualTo("null\n");
    }

    @Test
    void seesItsOwnProcess() throws IOException {
        ProcessSample before = ProcessSample.of(ProcessHandle.current().pid());
        ProcessSample after = ProcessSample.of(ProcessHandle.current().pid());
        assertThat(before.cpuSeconds()).isPositive();
        assertThat(before.residentKilobytes()).isGreaterThan(10_000);
        assertThat(before.peakKilobytes()).isGreaterThanOrEqualTo(before.residentKilobytes() / 2);
        assertThat(before.threads()).isGreaterThan(1);
        assertThat(before.voluntarySwitches()).isPositive();
        assertThat(after.since(before, 1)).containsKeys("userSeconds", "cores", "residentGrowthMegabytes");
        assertThat(ProcessSample.udpReceiveDrops()).isGreaterThanOrEqualTo(0);
    }

    @Test
    void saysWhenThereIsNoSuchProcess() {
        assertThatThrownBy(() -> ProcessSample.of(-1)).isInstanceOf(IOException.class);
    }
}
