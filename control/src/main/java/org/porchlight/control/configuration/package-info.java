/**
 * The configuration file: one YAML document read into one immutable record.
 *
 * <p>{@link org.porchlight.control.configuration.ConfigurationLoader} composes the document's node tree rather than plain maps, so that every
 * complaint names file, line and column and says what would be right. It collects complaints instead of stopping at the first. Ranges and
 * combinations are checked once, by the records themselves. {@link org.porchlight.control.configuration.ConfigurationWatch} notices
 * changes of the file and of every file it refers to, waits until they have settled, and keeps the old configuration when the new one is broken.
 */
@NullMarked
package org.porchlight.control.configuration;

import org.jspecify.annotations.NullMarked;
