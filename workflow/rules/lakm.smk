# LAKM (Yuan et al. 2020): knowledge phrases, and the passages in which they are masked.


if CONFIG.lakm and CONFIG.lakm.phrases.kind == "titles":

    rule select_phrases:
        """Wikipedia titles of two to four words that occur in the training passages."""
        input:
            titles=f"{CONFIG.data.folder}/{CONFIG.lakm.phrases.file}",
            examples="<results>/examples/squad.{language}.parquet",
        output:
            phrases="<results>/phrases/{language}.txt",
            manifest="<results>/manifests/phrases.{language}.json",
        log:
            "<logs>/phrases/{language}.log",
        benchmark:
            "<benchmarks>/phrases/{language}.tsv"
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=scaled_by_attempt(8_000),
            runtime=scaled_by_attempt(120),
        params:
            keep=CONFIG.lakm.phrases.model_dump_json(include={"stop_words", "min_titles"}),
            code=code_of("select_phrases.py"),
        message:
            "phrases among Wikipedia's titles in {wildcards.language}"
        shell:
            "stage select_phrases.py --titles {input.titles:q} --examples {input.examples:q}"
            " --keep {params.keep:q} --target {output.phrases:q} --manifest {output.manifest:q}"
            " --code {params.code} > {log:q} 2>&1"


if CONFIG.lakm:

    rule build_phrase_windows:
        """Passages of one language with phrases, as windows with each token's phrase."""
        input:
            passages=passage_file,
            phrases=phrase_file,
            tokenizer=checkpoint_input(CONFIG.backbone),
        output:
            windows="<results>/windows/phrases.{language}.arrow",
            manifest="<results>/manifests/windows.phrases.{language}.json",
        log:
            "<logs>/windows/phrases.{language}.log",
        benchmark:
            "<benchmarks>/windows/phrases.{language}.tsv"
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=scaled_by_attempt(16_000),
            runtime=scaled_by_attempt(240),
            tokenizer=BACKBONE,  # its path; its identity is in `params`
        params:
            max_length=CONFIG.lakm.masking.max_length,
            tokenizer=checkpoint_identity(CONFIG.backbone),
            code=code_of("build_phrase_windows.py"),
        message:
            "windows of {wildcards.language} passages that hold phrases"
        shell:
            "stage build_phrase_windows.py --passages {input.passages:q}"
            " --phrases {input.phrases:q} --tokenizer {resources.tokenizer:q}"
            " --language {wildcards.language} --max-length {params.max_length}"
            " --target {output.windows:q} --manifest {output.manifest:q} --code {params.code}"
            " > {log:q} 2>&1"

    rule train_with_lakm:
        """One system on gold labels (Eq. 2) and masked phrases in turn."""
        input:
            windows=lambda wildcards: window_files(CONFIG.systems[wildcards.system].train),
            phrases=expand("<results>/windows/phrases.{language}.arrow", language=CONFIG.languages),
            backbone=checkpoint_input(CONFIG.backbone),
        output:
            model=directory("<results>/systems/{system}/seed-{seed}/model"),
            metrics="<results>/systems/{system}/seed-{seed}/metrics.jsonl",
            manifest="<results>/systems/{system}/seed-{seed}/manifest.json",
        log:
            "<logs>/train/{system}.seed-{seed}.log",
        benchmark:
            "<benchmarks>/train/{system}.seed-{seed}.tsv"
        wildcard_constraints:
            system=one_of(set(WITH_LAKM) - {*ON_DEV}),
        priority: 20
        conda:
            "../../environment.yml"
        threads: lambda wildcards: CONFIG.device.threads * process_count(wildcards)
        resources:
            mem_mb=scaled_by_attempt(32_000, process_count),
            runtime=scaled_by_attempt(1440),
            gpu=lambda wildcards: GPUS * process_count(wildcards),
            nodes=1,
            # Not params, since changing them reruns nothing: the backbone's path (its identity is
            # in `params`), the device, how a training is distributed and saved.
            backbone=BACKBONE,
            device=CONFIG.device.kind,
            execution=execution_settings,
        params:
            training=optimisation_settings,
            masking=as_json(CONFIG.lakm.masking),
            backbone=checkpoint_identity(CONFIG.backbone),
            code=code_of("train_with_lakm.py"),
        message:
            "train {wildcards.system} (seed {wildcards.seed}) on gold labels and masked phrases"
        shell:
            "stage train_with_lakm.py --windows {input.windows:q}"
            " --phrases {input.phrases:q} --masking {params.masking:q} --backbone {resources.backbone:q}"
            " --training {params.training:q} --seed {wildcards.seed} --device {resources.device}"
            " --execution {resources.execution:q} --model {output.model:q} --metrics {output.metrics:q}"
            " --manifest {output.manifest:q} --code {params.code} > {log:q} 2>&1"
