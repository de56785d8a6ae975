/**
 * JMH benchmarks of the packet path. {@code bench jmh} runs them with the allocation profile.
 */
@NullMarked
package org.porchlight.bench.jmh;

import org.jspecify.annotations.NullMarked;
