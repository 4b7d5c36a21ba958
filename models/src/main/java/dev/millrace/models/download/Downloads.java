package dev.millrace.models.download;

import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Pulls in the background, each known by its reference. *Thread-safe*; no method waits for a network or a disk.
///
/// One that has ended is remembered until the same is asked for again or [#MOST_REMEMBERED] others have ended, so that
/// who looks late learns how it ended. Two references to the same thing are two pulls here; only one of
/// them transfers.
public final class Downloads implements AutoCloseable {
    /// Pulls at once.
    public static final int MOST_RUNNING = 4;
    /// Ended ones that can still be looked at.
    public static final int MOST_REMEMBERED = 32;

    private static final Logger LOG = LoggerFactory.getLogger(Downloads.class);
    private static final Duration FAREWELL = Duration.ofSeconds(5);

    private final Puller puller;
    private final Object lock = new Object();
    private final Map<String, Job> jobs = new LinkedHashMap<>();
    private final List<Consumer<Download>> listeners = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("download-", 0).factory());
    private boolean closed;

    public Downloads(Puller puller) {
        this.puller = puller;
    }

    /// What came of asking for a pull.
    public enum Begun {
        /// It runs now.
        STARTED,
        /// The same runs already.
        JOINED,
        /// The same reference is being pulled, with another name or digest.
        DIFFERS,
        /// As many run as may.
        FULL
    }

    /// Changes as the pull's own thread goes on; read under the lock.
    private static final class Job {
        final PullRequest request;
        final PullControl control = new PullControl();
        boolean discarded;
        Download now;

        Job(PullRequest request) {
            this.request = request;
            this.now = new Download(
                    request.reference(), new PullProgress("", PullPhase.RESOLVING, 0, -1, 0, null, ""), null);
        }
    }

    /// Begins a pull, or joins the one that runs.
    public Begun start(PullRequest request) {
        Job job;
        synchronized (lock) {
            Job known = jobs.get(request.reference());
            if (known != null && known.now.isRunning()) {
                return known.request.equals(request) ? Begun.JOINED : Begun.DIFFERS;
            }
            if (closed || running() >= MOST_RUNNING) {
                return Begun.FULL;
            }
            job = new Job(request);
            jobs.remove(request.reference()); // it is the youngest again
            jobs.put(request.reference(), job);
            threads.execute(() -> run(job));
        }
        return Begun.STARTED;
    }

    private long running() {
        return jobs.values().stream().filter(job -> job.now.isRunning()).count();
    }

    private void run(Job job) {
        String reference = job.request.reference();
        LOG.info("event=download reference={}", reference);
        PullOutcome outcome;
        try {
            outcome = puller.pull(job.request, job.control, progress -> told(job, progress));
        } catch (RuntimeException | Error e) {
            // Whatever it was: whoever waits for the end must hear of it.
            LOG.error("event=download_fault reference={}", reference, e);
            outcome = new PullOutcome.Failed(PullError.STORAGE_FAILED, "a fault of the server; its log says more");
        }
        LOG.info("event=download_ended reference={} outcome={}", reference, word(outcome));
        ended(job, outcome);
    }

    private void ended(Job job, PullOutcome outcome) {
        Download last;
        boolean discard;
        synchronized (lock) {
            last = new Download(job.request.reference(), job.now.progress(), outcome);
            job.now = last;
            discard = job.discarded;
            if (discard) {
                jobs.remove(job.request.reference(), job);
            }
            forgetOldest();
        }
        listeners.forEach(listener -> listener.accept(last));
        if (discard) {
            throwAway(job);
        }
    }

    private static String word(PullOutcome outcome) {
        return switch (outcome) {
            case PullOutcome.Pulled _ -> "pulled";
            case PullOutcome.AlreadyThere _ -> "already_there";
            case PullOutcome.Cancelled _ -> "cancelled";
            case PullOutcome.Failed(PullError error, String _) -> error.wireName();
        };
    }

    private void throwAway(Job job) {
        try {
            puller.discard(job.control);
        } catch (IOException e) {
            LOG.warn("event=download_remains reference={} reason=\"{}\"", job.request.reference(), e.getMessage());
        }
    }

    private void told(Job job, PullProgress progress) {
        Download now = new Download(job.request.reference(), progress, null);
        synchronized (lock) {
            job.now = now;
        }
        listeners.forEach(listener -> listener.accept(now));
    }

    private void forgetOldest() {
        long ended = jobs.size() - running();
        for (Iterator<Job> all = jobs.values().iterator(); ended > MOST_REMEMBERED && all.hasNext(); ) {
            if (!all.next().now.isRunning()) {
                all.remove();
                ended--;
            }
        }
    }

    /// Stops a pull. What came is kept: [#start] goes on from there.
    ///
    /// @return false if none of that reference runs
    public boolean stop(String reference) {
        synchronized (lock) {
            Job job = jobs.get(reference);
            if (job == null || !job.now.isRunning()) {
                return false;
            }
            job.control.cancel();
            return true;
        }
    }

    /// Stops a pull if it runs, deletes what came of it, and forgets it. A pull that is done leaves nothing to delete.
    ///
    /// @return false if none of that reference is known
    public boolean discard(String reference) {
        synchronized (lock) {
            Job job = jobs.get(reference);
            if (job == null || (!job.now.isRunning() && !job.now.isLeftOver())) {
                return false;
            }
            job.discarded = true;
            if (job.now.isRunning()) {
                job.control.cancel();
            } else {
                jobs.remove(reference);
                threads.execute(() -> throwAway(job));
            }
            return true;
        }
    }

    /// One of them; empty if it was never asked for, or forgotten.
    public Optional<Download> find(String reference) {
        synchronized (lock) {
            return Optional.ofNullable(jobs.get(reference)).map(job -> job.now);
        }
    }

    /// All that run or could go on, the oldest first.
    public List<Download> unfinished() {
        synchronized (lock) {
            return jobs.values().stream()
                    .map(job -> job.now)
                    .filter(download -> download.isRunning() || download.isLeftOver())
                    .toList();
        }
    }

    /// Tells `listener` of all that happens, on the thread of the pull: at each phase, a few times per second, and of
    /// the end.
    ///
    /// @return ends the telling; idempotent
    public Runnable onChange(Consumer<Download> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /// Stops all of them; what came is kept. Returns when they have ended, or after a few seconds.
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            jobs.values().forEach(job -> job.control.cancel());
            threads.shutdown();
        }
        try {
            if (!threads.awaitTermination(FAREWELL.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("event=downloads_left");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
