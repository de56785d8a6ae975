package org.porchlight.bench.media;

import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The pictures of a clip. The clock in them is the position in the clip, because a clip is replayed. */
final class ClipPictures {

    private ClipPictures() {}

    /** One and the same picture object, painted anew for each element; to be used in order, one at a time. */
    static Stream<TestPicture> frames(VideoFormat format, int count) {
        TestPicture picture = new TestPicture(format.width(), format.height(), 1, true);
        String title = format.codec() + " " + format.width() + "x" + format.height() + " " + format.framesPerSecond()
                + "/s GOP " + format.gopFrames();
        return IntStream.range(0, count).sequential().mapToObj(frame -> {
            long millis = frame * 1_000L / format.framesPerSecond();
            String clock = "+%02d.%03d".formatted(millis / 1_000, millis % 1_000);
            picture.paint(title, clock, frame, format.framesPerSecond());
            return picture;
        });
    }
}
