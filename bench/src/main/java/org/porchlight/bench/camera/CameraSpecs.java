package org.porchlight.bench.camera;

import java.util.ArrayList;
import java.util.List;

/** A fleet from one example and a few exceptions. */
public final class CameraSpecs {

    private CameraSpecs() {}

    /**
     * The cameras 1 to {@code count}, all like {@code example} but for the overrides.
     *
     * @param namePattern {@code {}} is filled with the number
     * @param overrides each {@code number:key=value,key=value}
     * @throws IllegalArgumentException for an override that fits no camera or cannot be read
     */
    public static List<CameraSpec> of(CameraSpec example, int count, String namePattern, List<String> overrides) {
        List<CameraSpec> specs = new ArrayList<>(count);
        for (int number = 1; number <= count; number++) {
            specs.add(example.as(number, namePattern.replace("{}", String.valueOf(number))));
        }
        for (String override : overrides) {
            int colon = override.indexOf(':');
            int number;
            try {
                number = Integer.parseInt(override.substring(0, Math.max(0, colon)));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "an override must look like 3:codec=h265,gop=10, not " + override, e);
            }
            if (number < 1 || number > count) {
                throw new IllegalArgumentException("override for camera " + number + ", but there are only " + count);
            }
            CameraSpec spec = specs.get(number - 1);
            for (String property : override.substring(colon + 1).split(",", -1)) {
                int equals = property.indexOf('=');
                if (equals < 1) {
                    throw new IllegalArgumentException("a property must look like key=value, not " + property);
                }
                spec = spec.with(
                        property.substring(0, equals).trim(),
                        property.substring(equals + 1).trim());
            }
            specs.set(number - 1, spec);
        }
        long names = specs.stream().map(CameraSpec::name).distinct().count();
        if (names != count) {
            throw new IllegalArgumentException("two cameras have the same name; a name pattern needs {}");
        }
        return specs;
    }
}
