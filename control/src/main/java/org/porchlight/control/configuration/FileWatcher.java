package org.porchlight.control.configuration;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.porchlight.control.configuration.ConfigurationWatch.Outcome;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that polls a {@link ConfigurationWatch}: at once when the file system says that something happened in a folder of a watched file, and
 * every {@link #INTERVAL} in case it does not say (network file systems, too many watches).
 */
public final class FileWatcher implements AutoCloseable {
    /** How often to look when nothing is heard. */
    public static final Duration INTERVAL = Duration.ofSeconds(2);

    private static final Duration SETTLING = Duration.ofMillis(200);
    private static final Logger LOG = LoggerFactory.getLogger(FileWatcher.class);

    private final ConfigurationWatch watch;
    private final Consumer<Outcome> listener;
    private final WatchService events;
    private final Map<Path, WatchKey> folders = new HashMap<>(); // watching thread only
    private final Thread thread = new Thread(this::run, "porchlight-configuration");

    /**
     * Starts to watch.
     *
     * @param listener told of what was changed or refused, on the watching thread
     */
    public FileWatcher(ConfigurationWatch watch, Consumer<Outcome> listener) throws IOException {
        this.watch = watch;
        this.listener = listener;
        this.events = FileSystems.getDefault().newWatchService();
        thread.setDaemon(true);
        thread.start();
    }

    /** Stops; a change that is being told is told to its end. */
    @Override
    public void close() {
        try {
            events.close();
            thread.join(1_000);
        } catch (IOException e) {
            LOG.warn("the watch on the configuration could not be closed: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        Duration wait = Duration.ZERO;
        try {
            while (true) {
                WatchKey key = events.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
                if (key != null) {
                    key.pollEvents();
                    key.reset();
                }
                wait = look();
            }
        } catch (ClosedWatchServiceException | InterruptedException e) {
            LOG.debug("the configuration is watched no longer");
        }
    }

    private Duration look() {
        watchFolders();
        try {
            Outcome outcome = watch.poll();
            if (outcome instanceof Outcome.Settling) {
                return SETTLING;
            }
            if (!(outcome instanceof Outcome.Unchanged)) {
                listener.accept(outcome);
            }
        } catch (RuntimeException e) {
            LOG.error("a changed configuration could not be applied", e);
        }
        return INTERVAL;
    }

    /** Watches the folders in which a name of a watched path may be exchanged: its own, and that of what it leads to. */
    private void watchFolders() {
        Set<Path> wanted = new HashSet<>();
        for (Path file : watch.watched()) {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                wanted.add(folder);
            }
        }
        folders.entrySet().removeIf(entry -> {
            boolean gone = !wanted.contains(entry.getKey()) || !entry.getValue().isValid();
            if (gone) {
                entry.getValue().cancel();
            }
            return gone;
        });
        for (Path folder : wanted) {
            if (!folders.containsKey(folder) && Files.isDirectory(folder)) {
                watchFolder(folder);
            }
        }
    }

    private void watchFolder(Path folder) {
        try {
            folders.put(
                    folder,
                    folder.register(
                            events,
                            StandardWatchEventKinds.ENTRY_CREATE,
                            StandardWatchEventKinds.ENTRY_MODIFY,
                            StandardWatchEventKinds.ENTRY_DELETE));
        } catch (IOException e) {
            LOG.debug("{} is looked at every {} only: {}", folder, INTERVAL, e.getMessage());
        }
    }
}
