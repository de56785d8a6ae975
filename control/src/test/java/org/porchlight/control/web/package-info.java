@NullMarked
package org.porchlight.control.web;

import org.jspecify.annotations.NullMarked;
