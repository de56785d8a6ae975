package org.porchlight.bench.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.porchlight.bench.media.VideoFormat;
import org.porchlight.relay.codec.Codec;

class CameraSpecsTest {
    private static final CameraSpec EXAMPLE = new CameraSpec(
            1,
            "cam",
            new VideoFormat(Codec.H264, 640, 360, 25, 50, 2_000_000),
            false,
            CameraSpec.Transports.ANY,
            0,
            0,
            0,
            0,
            1_200);

    @Test
    void makesEightCamerasOfWhichSomeAreDifferent() {
        List<CameraSpec> specs = CameraSpecs.of(
                EXAMPLE,
                8,
                "cam{}",
                List.of(
                        "2:transport=udp",
                        "3:codec=h265,rate=600k,name=gate",
                        "5:gop=10,audio=aac",
                        "6:fps=10,loss=1.5"));
        assertThat(specs)
                .extracting(CameraSpec::name)
                .startsWith("cam1", "cam2", "gate")
                .endsWith("cam8");
        assertThat(specs.get(1).transports()).isEqualTo(CameraSpec.Transports.UDP);
        assertThat(specs.get(2).video()).isEqualTo(new VideoFormat(Codec.H265, 640, 360, 25, 50, 600_000));
        assertThat(specs.get(4).video().gopFrames()).isEqualTo(250);
        assertThat(specs.get(4).audio()).isTrue();
        assertThat(specs.get(5).video().gopFrames()).as("two seconds as before").isEqualTo(20);
        assertThat(specs.get(5).loss()).isEqualTo(0.015);
        assertThat(specs.get(7).video()).isEqualTo(EXAMPLE.video());
    }

    @Test
    void saysWhatIsWrongWithAnOverride() {
        assertThatThrownBy(() -> of("9:gop=1")).hasMessageContaining("only 2");
        assertThatThrownBy(() -> of("1:colour=red"))
                .hasMessageContaining("colour")
                .hasMessageContaining("codec");
        assertThatThrownBy(() -> of("1:fps=fast")).hasMessageContaining("whole number");
        assertThatThrownBy(() -> of("1:loss=101")).hasMessageContaining("loss");
        assertThatThrownBy(() -> of("gop=1")).hasMessageContaining("3:codec=h265");
        assertThatThrownBy(() -> of("1:gop")).hasMessageContaining("key=value");
        assertThatThrownBy(() -> of("1:name=cam2")).hasMessageContaining("same name");
        assertThatThrownBy(() -> of("1:rate=-4M")).hasMessageContaining("above 0");
        assertThatThrownBy(() -> of("1:rate=fast")).hasMessageContaining("4M");
    }

    private static List<CameraSpec> of(String override) {
        return CameraSpecs.of(EXAMPLE, 2, "cam{}", List.of(override));
    }

    @Test
    void rebootsOnTimeAndIsAwayForAWhile() {
        RebootSchedule schedule = new RebootSchedule(1_000, 50, 100, 10);
        assertThat(schedule.isDown(1_049)).isFalse();
        assertThat(schedule.isDown(1_050)).isTrue();
        assertThat(schedule.isDown(1_060)).isFalse();
        assertThat(schedule.isDown(1_155)).isTrue();
        assertThat(schedule.untilNext(1_000)).isEqualTo(50);
        assertThat(schedule.untilNext(1_070)).isEqualTo(80);
        assertThat(RebootSchedule.never().isDown(5)).isFalse();
        assertThat(RebootSchedule.never().untilNext(5)).isEqualTo(Long.MAX_VALUE);
    }
}
