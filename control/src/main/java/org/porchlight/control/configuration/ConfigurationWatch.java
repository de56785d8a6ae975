package org.porchlight.control.configuration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.porchlight.control.configuration.ConfigurationLoader.Loaded;

/**
 * Notices that the configuration, or a file that it refers to, has changed. Owner: the thread that calls {@link #poll}; it holds no thread of its
 * own.
 *
 * <p>Files are compared by what their path leads to at the moment, so an atomic rename and an exchanged symbolic link (as Kubernetes does it) are
 * changes like any other. A change counts when two polls in a row saw the same: a file that is being written is not read half.
 */
public final class ConfigurationWatch {
    private final Path file;
    private final ConfigurationLoader loader;
    private Set<Path> watched;
    private Map<Path, Stamp> seen;
    private Map<Path, Stamp> settled;
    private NodeConfiguration current;

    /** @param current what is in force, as it was loaded from {@code file} */
    public ConfigurationWatch(Path file, ConfigurationLoader loader, Loaded current) {
        this.file = file;
        this.loader = loader;
        this.current = current.configuration();
        this.watched = current.files();
        // Nothing counts as seen: what changed between loading and watching is found by the first polls, which read the
        // file once more.
        this.settled = Map.of();
        this.seen = Map.of();
    }

    /** What a look at the files gave. */
    public sealed interface Outcome {
        /** Nothing new. */
        record Unchanged() implements Outcome {}

        /** Something is changing; look again in a moment. */
        record Settling() implements Outcome {}

        /** A new configuration, which is now the current one. */
        record Changed(Loaded loaded) implements Outcome {}

        /** The new file cannot be used; the current configuration stays. Told once per change. */
        record Refused(ConfigurationException cause) implements Outcome {}
    }

    /** Looks at the files; reads them if they have changed and settled. Blocks on the disk. */
    public Outcome poll() {
        Map<Path, Stamp> now = stamps();
        if (now.equals(settled)) {
            seen = now;
            return new Outcome.Unchanged();
        }
        if (!now.equals(seen)) {
            seen = now;
            return new Outcome.Settling();
        }
        settled = now;
        try {
            Loaded loaded = loader.load(file);
            rememberFiles(loaded);
            if (loaded.configuration().equals(current)) {
                return new Outcome.Unchanged();
            }
            current = loaded.configuration();
            return new Outcome.Changed(loaded);
        } catch (ConfigurationException e) {
            return new Outcome.Refused(e);
        }
    }

    /** The files looked at. */
    public Set<Path> watched() {
        return watched;
    }

    private void rememberFiles(Loaded loaded) {
        if (loaded.files().equals(watched)) {
            return;
        }
        // A file that joins was read a moment ago; if it changes between that and this, the next poll sees nothing. So
        // it counts as unseen.
        Map<Path, Stamp> known = new HashMap<>(settled);
        known.keySet().retainAll(loaded.files());
        watched = loaded.files();
        settled = known;
    }

    private Map<Path, Stamp> stamps() {
        Map<Path, Stamp> stamps = new HashMap<>();
        for (Path path : watched) {
            stamps.put(path, Stamp.of(path));
        }
        return stamps;
    }

    /** What tells one state of a file from another without reading it. */
    private record Stamp(String target, long size, String times, String key) {
        private static final Stamp NONE = new Stamp("", -1, "", "");

        static Stamp of(Path path) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
                return new Stamp(
                        path.toRealPath().toString(),
                        attributes.size(),
                        attributes.lastModifiedTime() + " " + changeTime(path),
                        String.valueOf(attributes.fileKey()));
            } catch (IOException e) {
                return NONE;
            }
        }

        /** The inode's change time, which nobody can set back; empty where there is none. */
        private static String changeTime(Path path) throws IOException {
            return path.getFileSystem().supportedFileAttributeViews().contains("unix")
                    ? String.valueOf(Files.getAttribute(path, "unix:ctime", new LinkOption[0]))
                    : "";
        }
    }
}
