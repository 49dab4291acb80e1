# LAKM (Yuan et al. 2020): knowledge phrases, and the passages in which they are masked.


def phrase_list(wildcards):
    if CONFIG.lakm.phrases.kind == "titles":
        return f"{RESULTS}/phrases/{wildcards.language}.txt"
    return f"{CONFIG.data.folder}/{CONFIG.lakm.phrases.file.format(language=wildcards.language)}"


def phrase_passages(wildcards):
    if CONFIG.lakm.passages:
        return f"{CONFIG.data.folder}/{CONFIG.lakm.passages.format(language=wildcards.language)}"
    return f"{RESULTS}/examples/squad.{wildcards.language}.parquet"


if CONFIG.lakm and CONFIG.lakm.phrases.kind == "titles":

    rule phrases:
        """Wikipedia's titles of two to four words that the training passages hold."""
        input:
            titles=f"<data>/{CONFIG.lakm.phrases.file}",
            examples="<results>/examples/squad.{language}.parquet",
        output:
            phrases="<results>/phrases/{language}.txt",
            manifest="<results>/manifests/phrases.{language}.json",
        log:
            "<logs>/phrases/{language}.log",
        benchmark:
            "<benchmarks>/phrases/{language}.tsv"
        threads: 1
        resources:
            mem_mb=growing(8_000),
            runtime=growing(120),
        params:
            keep=CONFIG.lakm.phrases.model_dump_json(include={"stop_words", "min_titles"}),
            code=code("phrases.py"),
        message:
            "phrases among Wikipedia's titles in {wildcards.language}"
        shell:
            "python workflow/scripts/phrases.py --titles {input.titles} --examples {input.examples}"
            " --keep {params.keep:q} --target {output.phrases} --manifest {output.manifest}"
            " --code {params.code} > {log} 2>&1"


if CONFIG.lakm:

    rule phrase_windows:
        """Passages of one language that hold phrases, as windows of tokens that know them."""
        input:
            passages=phrase_passages,
            phrases=phrase_list,
            tokenizer=checkpoint(CONFIG.backbone),
        output:
            windows="<results>/windows/phrases.{language}.arrow",
            manifest="<results>/manifests/windows.phrases.{language}.json",
        log:
            "<logs>/windows/phrases.{language}.log",
        benchmark:
            "<benchmarks>/windows/phrases.{language}.tsv"
        threads: 1
        resources:
            mem_mb=growing(16_000),
            runtime=growing(240),
        params:
            max_length=CONFIG.lakm.masking.max_length,
            tokenizer=identity(CONFIG.backbone),
            code=code("phrase_windows.py"),
        message:
            "windows of {wildcards.language} passages that hold phrases"
        shell:
            "python workflow/scripts/phrase_windows.py --passages {input.passages}"
            " --phrases {input.phrases} --tokenizer {input.tokenizer}"
            " --language {wildcards.language} --max-length {params.max_length}"
            " --target {output.windows} --manifest {output.manifest} --code {params.code}"
            " > {log} 2>&1"

    rule train_lakm:
        """One system on gold labels (Eq. 2) and masked phrases in turn."""
        input:
            windows=lambda wildcards: windows_of(CONFIG.systems[wildcards.system].train),
            phrases=expand("<results>/windows/phrases.{language}.arrow", language=CONFIG.languages),
            backbone=checkpoint(CONFIG.backbone),
        output:
            model=directory("<results>/systems/{system}/seed-{seed}/model"),
            metrics="<results>/systems/{system}/seed-{seed}/metrics.jsonl",
            manifest="<results>/systems/{system}/seed-{seed}/manifest.json",
        log:
            "<logs>/train/{system}.seed-{seed}.log",
        benchmark:
            "<benchmarks>/train/{system}.seed-{seed}.tsv"
        wildcard_constraints:
            system=one_of(WITH_LAKM),
        priority: 20
        threads: lambda wildcards: CONFIG.device.threads * processes(wildcards)
        resources:
            mem_mb=growing(32_000, processes),
            runtime=growing(1440),
            gpu=lambda wildcards: GPUS * processes(wildcards),
            nodes=1,
            execution=execution,
        params:
            training=optimisation,
            masking=settings(CONFIG.lakm.masking),
            backbone=identity(CONFIG.backbone),
            code=code("train_lakm.py"),
        message:
            "train {wildcards.system} (seed {wildcards.seed}) on gold labels and masked phrases"
        shell:
            "python workflow/scripts/train_lakm.py --windows {input.windows}"
            " --phrases {input.phrases} --masking {params.masking:q} --backbone {input.backbone}"
            " --training {params.training:q} --seed {wildcards.seed} --device {CONFIG.device.kind}"
            " --execution {resources.execution:q} --model {output.model} --metrics {output.metrics}"
            " --manifest {output.manifest} --code {params.code} > {log} 2>&1"
