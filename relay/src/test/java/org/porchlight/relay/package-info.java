/** What the tests of every module share: the guard against lost buffers and the picture of the imports. */
@NullMarked
package org.porchlight.relay;

import org.jspecify.annotations.NullMarked;
