/**
 * What payloads mean, read from their headers only: where a frame begins and ends, is it a keyframe, is it disposable,
 * did the parameter sets change; and how to cut a payload to an MTU. NAL units leave byte for byte as they came.
 */
@NullMarked
package org.porchlight.relay.codec;

import org.jspecify.annotations.NullMarked;
