# CheXView in a container: docker build --build-arg DEVICE=cpu . (or DEVICE=cuda)
FROM python:3.11-slim-bookworm

ARG DEVICE=cpu
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1

WORKDIR /app
COPY requirements.txt ./
# Locked versions with hashes. PyPI's PyTorch brings CUDA; PyTorch's own index has the smaller one for CPUs, at the same version.
RUN if [ "$DEVICE" = cuda ]; then \
        pip install --require-hashes -r requirements.txt; \
    else \
        grep -oE '^(torch|torchvision)==[0-9.]+' requirements.txt > torch.txt && \
        pip install --index-url https://download.pytorch.org/whl/cpu -r torch.txt && \
        awk '/^[A-Za-z0-9]/ {kept = ($0 !~ /^(torch|torchvision|triton|nvidia-[a-z0-9-]+|cuda-[a-z0-9-]+)==/)} kept' \
            requirements.txt > rest.txt && \
        pip install --require-hashes -r rest.txt; \
    fi

COPY app.py ./
COPY .streamlit ./.streamlit
COPY chexview ./chexview

RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin chexview && \
    install -d -o chexview -g chexview /data
USER 10001
ENV CHEXVIEW_HOME=/data \
    CHEXVIEW_DEVICE=${DEVICE} \
    MPLCONFIGDIR=/tmp \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_HEADLESS=true
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["python", "-m", "streamlit", "run", "app.py"]
