# `training: {select: dev}`: training keeps a checkpoint of each epoch, and the one with the best
# F1 on the source language's dev data becomes the system. Selection is a separate job, so
# training does not depend on the code of predictions or scores.

SELECTED = "<results>/systems/{system}/seed-{seed}"


if ON_DEV:
    ((DEV_BENCHMARK, DEV_SPLIT, *_),) = DEV_CELLS
    DEV_WINDOWS = f"<results>/windows/dev/{DEV_BENCHMARK}.{DEV_SPLIT}.arrow"

    use rule train_system as train_system_candidates with:
        output:
            model=temp(directory(f"{SELECTED}/candidates")),
            metrics=f"{SELECTED}/metrics.jsonl",
            manifest=f"{SELECTED}/training.manifest.json",
        wildcard_constraints:
            system=one_of(name for name in GOLD if name in ON_DEV and name not in WITH_LAKM),

    use rule distil_student as distil_student_candidates with:
        output:
            model=temp(directory(f"{SELECTED}/candidates")),
            metrics=f"{SELECTED}/metrics.jsonl",
            manifest=f"{SELECTED}/training.manifest.json",
        wildcard_constraints:
            system=one_of(name for name in STUDENTS if name in ON_DEV),

    if CONFIG.lakm:

        use rule train_with_lakm as train_with_lakm_candidates with:
            output:
                model=temp(directory(f"{SELECTED}/candidates")),
                metrics=f"{SELECTED}/metrics.jsonl",
                manifest=f"{SELECTED}/training.manifest.json",
            wildcard_constraints:
                system=one_of(name for name in WITH_LAKM if name in ON_DEV),

    use rule build_benchmark_windows as build_dev_windows with:
        input:
            files=[benchmark_file(*cell) for cell in DEV_CELLS],
            tokenizer=checkpoint_input(CONFIG.backbone),
        output:
            windows="<results>/windows/dev/{benchmark}.{split}.arrow",
            manifest="<results>/manifests/windows.dev.{benchmark}.{split}.json",
        log:
            "<logs>/windows/dev.{benchmark}.{split}.log",
        benchmark:
            "<benchmarks>/windows/dev.{benchmark}.{split}.tsv"
        params:
            cells=json.dumps([cell[2:] for cell in DEV_CELLS]),
            policy=CONFIG.data.on_bad_example,
            settings=as_json(CONFIG.windows),
            tokenizer=checkpoint_identity(CONFIG.backbone),
            code=code_of("build_benchmark_windows.py"),
        message:
            "windows of the dev data that choose each model"

    rule select_checkpoint:
        """The checkpoint of a training that has the best F1 on the source language's dev data."""
        input:
            # The manifest, written last, shows its age.
            candidates=ancient(f"{SELECTED}/candidates"),
            trained=f"{SELECTED}/training.manifest.json",
            windows=ancient(DEV_WINDOWS),
            cut=f"<results>/manifests/windows.dev.{DEV_BENCHMARK}.{DEV_SPLIT}.json",
            dataset=[benchmark_file(*cell) for cell in DEV_CELLS],
        output:
            model=directory(f"{SELECTED}/model"),
            scores=f"{SELECTED}/dev.jsonl",
            manifest=f"{SELECTED}/manifest.json",
        log:
            "<logs>/select/{system}.seed-{seed}.log",
        benchmark:
            "<benchmarks>/select/{system}.seed-{seed}.tsv"
        wildcard_constraints:
            system=one_of(ON_DEV),
        priority: 20
        conda:
            "../../environment.yml"
        threads: CONFIG.device.threads
        resources:
            mem_mb=scaled_by_attempt(16_000),
            runtime=scaled_by_attempt(480),
            gpu=GPUS,
            device=CONFIG.device.kind,  # not a param: changing it reruns nothing
        params:
            metric=CONFIG.benchmarks[DEV_BENCHMARK].metric,
            language=SOURCE,
            decoding=as_json(CONFIG.decoding),
            code=code_of("select_checkpoint.py"),
        message:
            "choose a checkpoint of {wildcards.system} (seed {wildcards.seed}) on dev data"
        shell:
            "stage select_checkpoint.py --candidates {input.candidates:q}"
            " --windows {input.windows:q} --dataset {input.dataset:q} --metric {params.metric}"
            " --language {params.language} --decoding {params.decoding:q}"
            " --device {resources.device} --model {output.model:q} --scores {output.scores:q}"
            " --manifest {output.manifest:q} --code {params.code} > {log:q} 2>&1"
