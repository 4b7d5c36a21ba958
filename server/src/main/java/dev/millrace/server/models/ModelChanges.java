package dev.millrace.server.models;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.ModelId;
import dev.millrace.models.catalogue.CatalogueRefusedException;
import dev.millrace.models.catalogue.ModelName;
import dev.millrace.models.catalogue.Removability;
import dev.millrace.models.download.Download;
import dev.millrace.models.download.Downloads;
import dev.millrace.models.download.PullOutcome;
import dev.millrace.models.lifecycle.ModelPool;
import dev.millrace.models.lifecycle.ModelState;
import dev.millrace.models.lifecycle.ModelStatus;
import dev.millrace.protocol.openai.ApiError;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What clients change about the models on the disk: downloads that come, models that go. *Thread-safe.*
public final class ModelChanges implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelChanges.class);
    private static final String FIELD = "model";
    private static final int MOST_WAITING = 64;
    private static final Duration LONGEST_UNLOAD = Duration.ofSeconds(15);

    private final ModelStore store;
    private final ModelPool pool;
    private final ModelEvents events;
    /// One at a time: two who remove the same model must not undo each other's steps.
    private final ThreadPoolExecutor remover = new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            Thread.ofPlatform().daemon().name("remove-models").factory());
    private final Runnable untell;

    public ModelChanges(ModelStore store, ModelPool pool, ModelEvents events) {
        this.store = store;
        this.pool = pool;
        this.events = events;
        untell = store.downloads().onChange(this::told);
        remover.allowCoreThreadTimeOut(true);
    }

    private void told(Download download) {
        events.tell(new ModelEvent.Downloading(download));
        switch (download.outcome()) {
            case PullOutcome.Pulled(ModelId model, var _, long _, boolean _) -> {
                events.tell(new ModelEvent.Reloaded());
                events.tell(new ModelEvent.Changed(pool.status(model)));
            }
            case PullOutcome.AlreadyThere _, PullOutcome.Cancelled _, PullOutcome.Failed _ -> {}
            case null -> {}
        }
    }

    /// Those under way.
    public Downloads downloads() {
        return store.downloads();
    }

    /// Removes a model, an alias, or what there is of a download. A model that is in memory and that nobody
    /// uses leaves memory first; one that is used is not removed.
    ///
    /// @return `null` inside if it is gone, else why it is not
    public CompletableFuture<@Nullable ApiError> remove(String name) {
        try {
            return CompletableFuture.supplyAsync(() -> removeNow(name), remover);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.completedFuture(
                    refusal(ErrorCode.QUEUE_FULL, "Too many models are being removed; try again later."));
        }
    }

    private @Nullable ApiError removeNow(String name) {
        if (store.downloads().discard(name)) {
            return null;
        }
        if (!ModelName.isValid(name)) {
            return new ApiError(
                    ErrorCode.INVALID_REQUEST,
                    "model: expected the name of a model or alias, as GET /models lists them, or a reference that is being"
                            + " downloaded.",
                    FIELD);
        }
        try {
            return switch (store.removability(name)) {
                case Removability.Unknown _ ->
                    refusal(ErrorCode.MODEL_NOT_FOUND, "No such model here; GET /models lists them.");
                case Removability.Alias _ -> {
                    store.unalias(name);
                    yield null;
                }
                case Removability.BuiltIn _ -> fixed("The model is built in, and stays.");
                case Removability.DroppedIn(ModelId _, Path _) ->
                    fixed("Somebody put the model's file into the models folder by hand: delete it there.");
                case Removability.Removable(ModelId model) -> remove(model);
            };
        } catch (CatalogueRefusedException e) {
            return fixed("The model was not removed: " + e.getMessage());
        } catch (IOException e) {
            LOG.error("event=remove_fault model={}", name, e);
            return refusal(ErrorCode.STORAGE_FAILED, "The disk failed; the server's log says more.");
        }
    }

    private @Nullable ApiError remove(ModelId model) throws IOException {
        if (store.isIndispensable(model)) {
            return fixed("The server was started with this model; start it with another one to remove this one.");
        }
        if (isBusy(pool.status(model))) {
            return busy();
        }
        store.withhold(model);
        boolean removed = false;
        try {
            if (!unload(model)) {
                return busy();
            }
            store.remove(model);
            removed = true;
        } finally {
            if (!removed) {
                store.offer(model);
            }
        }
        LOG.info("event=model_removed model={}", model);
        events.tell(new ModelEvent.Removed(model));
        return null;
    }

    private static boolean isBusy(ModelStatus status) {
        return status.users() > 0 || status.waiters() > 0;
    }

    /// @return false if it does not leave: a request came between
    private boolean unload(ModelId model) {
        CompletableFuture<Boolean> out = new CompletableFuture<>();
        Runnable forget = pool.onChange(status -> {
            if (status.model().equals(model) && isOut(status)) {
                out.complete(true);
            }
        });
        try {
            pool.unload(model);
            return isOut(pool.status(model)) || out.get(LONGEST_UNLOAD.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            forget.run();
        }
    }

    private static boolean isOut(ModelStatus status) {
        return status.state() == ModelState.UNLOADED || status.state() == ModelState.FAILED;
    }

    private static ApiError busy() {
        return refusal(
                ErrorCode.MODEL_BUSY,
                "Requests run on the model or wait for it: let them end, or POST /models/unload, then remove it.");
    }

    private static ApiError fixed(String why) {
        return refusal(ErrorCode.MODEL_NOT_REMOVABLE, why);
    }

    private static ApiError refusal(ErrorCode code, String message) {
        return new ApiError(code, message, FIELD);
    }

    @Override
    public void close() {
        store.downloads().close();
        untell.run();
        remover.shutdownNow();
    }
}
